import { IpAddress } from '../ipvs/model/address.js';
import { isMark } from '../ipvs/model/service.js';
import { formatService } from '../rules/format-rules.js';
import { numericNaming } from '../rules/format-endpoint.js';
import type { Rule } from '../rules/parse-rules.js';
import type { WantedService } from '../state/table.js';
import type { LoadedRules } from '../state/load-rules.js';
import { addressFamily, families } from '../common/ip-family.js';
import { CliError } from '../terminal/cli-error.js';
import { exitStatus } from '../terminal/exit-status.js';
import { inRuleOrder, rulesOf } from '../state/rule-text.js';
import { formatPlace, hostPlace } from '../host/address-place.js';
import type { AddressPlace } from '../host/address-place.js';
import type { SetupSnapshot } from './snapshot.js';
import { forwardingSteps } from './sysctl-steps.js';
import type { Step } from './step.js';
import { addressStep, checkInterface, deviceTo, devicesTo } from './targets.js';
import type { PlanContext } from './targets.js';

export interface DirectorOptions {
  readonly rules: LoadedRules;
  readonly method: 'nat' | 'dr' | 'tun' | undefined;
  /** Beside those of the services. */
  readonly virtual: readonly IpAddress[];
  readonly interface: string | undefined;
}

/** The steps of a director. No client may reach an address whose rules do not exist yet: addresses come last. */
export async function directorSteps(
  snapshot: SetupSnapshot,
  options: DirectorOptions,
  planContext: PlanContext,
): Promise<Step[]> {
  const { rules } = options;
  if (options.interface !== undefined) await checkInterface(snapshot, options.interface);
  const virtual = uniqueAddresses([...rules.services.flatMap(addressOf), ...options.virtual]);
  const places: AddressPlace[] = [];
  const nat = options.method === 'nat' ? virtual : [];
  const servers = masqueradedServers(rules);
  // One look-up for all: there may be thousands.
  const destinations = [...(options.interface === undefined ? virtual : []), ...servers];
  await snapshot.machine.resolvedRoutes(destinations.map(String));
  for (const address of virtual) {
    places.push(await placeFor(snapshot, address, options.interface, planContext));
  }
  return [
    ...(await sysctlSteps(snapshot, servers, nat, places)),
    ...rules.others.map(otherStep),
    ...rules.services.map(serviceStep),
    ...places.map(addressStep),
  ];
}

function serviceStep(wanted: WantedService): Step {
  const service = inRuleOrder(wanted);
  const name = formatService(service.id, numericNaming);
  return { kind: 'service', name, wanted: rulesOf(service), service };
}

function addressOf({ id }: WantedService): IpAddress[] {
  return isMark(id) ? [] : [id.address];
}

function uniqueAddresses(addresses: readonly IpAddress[]): IpAddress[] {
  return [...new Map(addresses.map((address) => [address.toString(), address])).values()];
}

async function placeFor(
  snapshot: SetupSnapshot,
  address: IpAddress,
  wanted: string | undefined,
  { strict, own }: PlanContext,
): Promise<AddressPlace> {
  const place = await snapshot.machine.placeOf(address.toString());
  // An existing address stays where it is, unless an earlier `up` has added it and it is wanted elsewhere.
  if (place !== undefined && (wanted === undefined || !own.has(formatPlace(place)))) return place;
  const device = wanted ?? (await deviceTo(snapshot, address));
  if (device !== undefined) return hostPlace(address.toString(), device);
  if (!strict) return hostPlace(address.toString(), undefined);
  throw new CliError(
    `No interface has a net that holds ${address.toString()}, and there is no default route. ` +
      'Name one: --interface DEVICE',
  );
}

/** The real servers behind NAT. */
function masqueradedServers({ services }: LoadedRules): IpAddress[] {
  const servers = services.flatMap(({ destinations }) =>
    destinations
      .filter(({ settings }) => settings.forwardingMethod === 'nat')
      .map(({ id }) => id.address),
  );
  return uniqueAddresses(servers);
}

/**
 * Direct routing and tunnels need no sysctls: a director forwards packets that are addressed to itself.
 * @param nat virtual addresses whose real servers will be behind NAT
 */
async function sysctlSteps(
  snapshot: SetupSnapshot,
  servers: readonly IpAddress[],
  nat: readonly IpAddress[],
  places: readonly AddressPlace[],
): Promise<Step[]> {
  const steps: Step[] = [];
  for (const family of families) {
    const behind = servers.filter((address) => address.family === family);
    if (behind.length === 0 && !nat.some((address) => address.family === family)) continue;
    const own = places
      .filter(({ address }) => addressFamily(address) === family)
      .flatMap(({ device }) => (device === undefined || device === 'lo' ? [] : [device]));
    const devices = new Set([...(await devicesTo(snapshot, behind)), ...own]);
    steps.push(...(await forwardingSteps(snapshot, family, [...devices].sort())));
  }
  return steps;
}

/** Timeouts and daemons, which a rules file may have too. */
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
  throw new CliError(
    `line ${line.number}: this is no part of a set-up, and could not be undone: delete it`,
    exitStatus.usage,
  );
}
