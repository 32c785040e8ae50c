import { IpAddress } from '../../ipvs/address.js';
import type { Family } from '../../ipvs/address.js';
import { familyOf, isMark } from '../../ipvs/service.js';
import { formatService } from '../../ipvsadm/rules.js';
import { numericNaming } from '../../ipvsadm/format.js';
import type { Rule } from '../../ipvsadm/read-rules.js';
import type { WantedService } from '../../plan/wanted.js';
import type { Folded } from '../fold-rules.js';
import { hostAddress } from '../ip-version.js';
import { cliStatus, Problem } from '../problem.js';
import { rulesOf } from './look.js';
import type { Look } from './look.js';
import { forwardingSteps } from './settings-steps.js';
import type { Step } from './step.js';
import { addressStep, checkInterface, deviceTo, devicesTo } from './targets.js';
import type { Circumstances } from './targets.js';

export interface DirectorWishes {
  readonly rules: Folded;
  readonly method: 'nat' | 'dr' | 'tun' | undefined;
  /** Beside those of the services. */
  readonly virtual: readonly IpAddress[];
  readonly interface: string | undefined;
}

/** What makes a director. A client must not meet an address whose rules are not there yet: addresses come last. */
export async function directorSteps(
  look: Look,
  wishes: DirectorWishes,
  circumstances: Circumstances,
): Promise<Step[]> {
  const { rules } = wishes;
  if (wishes.interface !== undefined) await checkInterface(look, wishes.interface);
  const virtual = uniqueAddresses([...rules.services.flatMap(addressOf), ...wishes.virtual]);
  const places: string[] = [];
  if (wishes.interface === undefined) await look.lookUpWays(virtual);
  for (const address of virtual) {
    places.push(await placeFor(look, address, wishes.interface, circumstances));
  }
  return [
    ...(await settingSteps(look, wishes, places, virtual)),
    ...rules.others.map(otherStep),
    ...rules.services.map((service) => ({
      kind: 'service' as const,
      name: formatService(service.id, numericNaming),
      wanted: rulesOf(service),
    })),
    ...places.map(addressStep),
  ];
}

function addressOf({ id }: WantedService): IpAddress[] {
  return isMark(id) ? [] : [id.address];
}

function uniqueAddresses(addresses: readonly IpAddress[]): IpAddress[] {
  return [...new Map(addresses.map((address) => [address.toString(), address])).values()];
}

async function placeFor(
  look: Look,
  address: IpAddress,
  wanted: string | undefined,
  { strict, own }: Circumstances,
): Promise<string> {
  const place = await look.placeOf(address);
  // One that is there stays where it is, unless it is there by an earlier `up` and wanted elsewhere.
  if (place !== undefined && (wanted === undefined || !own.has(place))) return place;
  const device = wanted ?? (await deviceTo(look, address));
  if (device !== undefined) return hostAddress(address, device);
  if (!strict) return hostAddress(address, '?');
  throw new Problem(
    `No interface has a net that holds ${address.toString()}, and there is no default route. ` +
      'Name one: --interface DEVICE',
  );
}

/** Direct routing and tunnels need none: a director passes on what has been addressed to itself. */
async function settingSteps(
  look: Look,
  { rules, method }: DirectorWishes,
  places: readonly string[],
  virtual: readonly IpAddress[],
): Promise<Step[]> {
  const masqueraded = rules.services.flatMap(({ id, destinations }) =>
    destinations
      .filter(({ settings }) => settings.forwardingMethod === 'nat')
      .map((one) => ({ family: familyOf(id), address: one.id.address })),
  );
  const families = new Set<Family>(masqueraded.map(({ family }) => family));
  if (method === 'nat') for (const { family } of virtual) families.add(family);
  const steps: Step[] = [];
  for (const family of ['ipv4', 'ipv6'] as const) {
    if (!families.has(family)) continue;
    const servers = uniqueAddresses(
      masqueraded.filter((one) => one.family === family).map(({ address }) => address),
    );
    const own = places
      .filter((place) => place.includes(':') === (family === 'ipv6'))
      .map((place) => place.split(' dev ')[1] ?? '?')
      .filter((device) => device !== '?' && device !== 'lo');
    const devices = new Set([...(await devicesTo(look, servers)), ...own]);
    steps.push(...(await forwardingSteps(look, family === 'ipv4' ? 4 : 6, [...devices].sort())));
  }
  return steps;
}

/** Timeouts and daemons that a rules file may have besides. */
function otherStep({ invocation, line }: Rule): Step {
  if (invocation.command === 'set') {
    const { tcpSeconds, tcpFinSeconds, udpSeconds } = invocation.timeouts;
    const wanted = [`${tcpSeconds} ${tcpFinSeconds} ${udpSeconds}`];
    return { kind: 'timeouts', name: 'timeouts', wanted };
  }
  if (invocation.command === 'start-daemon') {
    const rule = line.text
      .trim()
      .replace(/^ipvsadm\s+/, '')
      .replaceAll(/\s+/g, ' ');
    return { kind: 'daemon', name: invocation.daemon.state, wanted: [rule] };
  }
  throw new Problem(
    `line ${line.number}: this is no part of a set-up, and could not be undone: delete it`,
    cliStatus.usage,
  );
}
