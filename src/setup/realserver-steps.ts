import type { IpAddress } from '../ipvs/model/address.js';
import { ADDED_BY_UP, addressAddWords, prefixesOnLoopback, tunnels } from '../host/requirements.js';
import type { ArpFacts } from '../host/requirements.js';
import { families, familyNames } from '../common/ip-family.js';
import type { Family } from '../common/ip-family.js';
import { formatPlace, hostPlace } from '../host/address-place.js';
import { CliError } from '../terminal/cli-error.js';
import { exitStatus } from '../terminal/exit-status.js';
import { formatRouteSlot } from '../host/route-slots.js';
import type { SetupSnapshot } from './snapshot.js';
import { looseSteps, quietSteps } from './sysctl-steps.js';
import type { Step } from './step.js';
import { addressStep, checkInterface, isDevice, routeTo } from './targets.js';
import type { PlanContext } from './targets.js';

export interface RealServerOptions {
  readonly method: 'nat' | 'dr' | 'tun';
  readonly virtual: readonly IpAddress[];
  readonly interface: string | undefined;
  readonly gateways: readonly IpAddress[];
}

/** The steps of a real server: sysctls before the address, so that it is never announced by ARP. */
export async function realServerSteps(
  snapshot: SetupSnapshot,
  options: RealServerOptions,
  planContext: PlanContext,
): Promise<Step[]> {
  const { strict } = planContext;
  check(options);
  if (options.interface !== undefined && strict) await checkInterface(snapshot, options.interface);
  if (options.method === 'nat') return await gatewaySteps(snapshot, options.gateways, strict);
  const steps: Step[] = [];
  for (const family of families) {
    const virtual = options.virtual.filter((address) => address.family === family);
    if (virtual.length > 0)
      steps.push(...(await takingSteps(snapshot, options, family, virtual, planContext)));
  }
  return steps;
}

function check({ method, virtual, gateways }: RealServerOptions): void {
  const missing =
    method === 'nat'
      ? gateways.length === 0 && 'With nat, name the director as --gateway ADDRESS'
      : virtual.length === 0 && `With ${method}, name the virtual address: --vip ADDRESS`;
  if (missing !== false) throw new CliError(missing, exitStatus.usage);
  if (method !== 'nat' && gateways.length > 0) {
    throw new CliError(
      `--gateway is for nat: with ${method}, replies do not go through the director`,
      exitStatus.usage,
    );
  }
}

async function takingSteps(
  snapshot: SetupSnapshot,
  { method, interface: wanted }: RealServerOptions,
  family: Family,
  virtual: readonly IpAddress[],
  { strict, own }: PlanContext,
): Promise<Step[]> {
  const tunnel = method === 'tun' ? tunnels[family] : undefined;
  const device = wanted ?? tunnel?.device ?? 'lo';
  const places = virtual.map((address) => hostPlace(address.toString(), device));
  if (strict) for (const address of virtual) await checkPlace(snapshot, address, device, own);
  const prefixes = await wrongPrefixes(snapshot, virtual, strict);
  // IPv6 needs no sysctl: neighbour discovery answers only for the addresses of the interface that is asked.
  const settings =
    family === 'ipv4' ? await quietSteps(snapshot, await arpFacts(snapshot, virtual)) : [];
  if (family === 'ipv4' && tunnel !== undefined)
    settings.push(...(await looseSteps(snapshot, tunnel.device, device !== tunnel.device)));
  return [
    ...(tunnel ? [{ kind: 'module', name: tunnel.module, wanted: ['loaded'] } as const] : []),
    ...settings,
    ...(tunnel ? [{ kind: 'link', name: tunnel.device, wanted: ['up'] } as const] : []),
    ...prefixes,
    ...places.map(addressStep),
    // If the filter is loose for all interfaces, the tunnel needs an address.
    ...(await tunnelAddress(snapshot, tunnel?.device, device, family, virtual)),
    // An IPv6 address comes with its route.
    ...(family === 'ipv6' ? [] : virtual.map((address) => routeStep(address, device))),
  ];
}

/** An address that exists stays as it is, so its scope counts. */
async function arpFacts(
  snapshot: SetupSnapshot,
  virtual: readonly IpAddress[],
): Promise<readonly ArpFacts[]> {
  const present = (await snapshot.machine.links()).flatMap(({ addresses }) => addresses);
  return virtual.map((address) => {
    const scope = present.find((own) => own.address === address.toString())?.scope;
    return { ...ADDED_BY_UP, ...(scope !== undefined && { scope }) };
  });
}

/** A network on lo makes all of its addresses local: `up` refuses to go on, and `status` lists what must not be there. */
async function wrongPrefixes(
  snapshot: SetupSnapshot,
  virtual: readonly IpAddress[],
  strict: boolean,
): Promise<Step[]> {
  const names = new Set(virtual.map(String));
  const wrong = prefixesOnLoopback(await snapshot.machine.links()).filter(({ address }) =>
    names.has(address),
  );
  for (const place of wrong) {
    if (!strict) continue;
    const name = formatPlace(place);
    throw new CliError(
      `${name}: this makes the whole net local, and cuts this machine off from it. Give the address a prefix of 32:\n` +
        `  ip address del ${name}\n  ip ${addressAddWords(hostPlace(place.address, 'lo')).join(' ')}`,
    );
  }
  return wrong.map((place) => ({ kind: 'address', name: formatPlace(place), wanted: [] }));
}

async function tunnelAddress(
  snapshot: SetupSnapshot,
  tunnel: string | undefined,
  device: string,
  family: Family,
  [first]: readonly IpAddress[],
): Promise<Step[]> {
  if (tunnel === undefined || tunnel === device || family === 'ipv6' || first === undefined)
    return [];
  const all = Number((await snapshot.sysctl('net/ipv4/conf/all/rp_filter')) ?? 0);
  return all === 0 ? [] : [addressStep(hostPlace(first.toString(), tunnel))];
}

function routeStep(address: IpAddress, device: string): Step {
  const to = address.toString();
  return {
    kind: 'route',
    name: formatRouteSlot({ family: 'ipv4', to }),
    wanted: [`${to} dev ${device} scope link`],
  };
}

/** On an interface that receives ARP requests for the address, a real server would answer them. */
async function checkPlace(
  snapshot: SetupSnapshot,
  address: IpAddress,
  device: string,
  own: ReadonlySet<string>,
): Promise<void> {
  const place = await snapshot.machine.placeOf(address.toString());
  if (place === undefined || place.device === device || own.has(formatPlace(place))) return;
  throw new CliError(
    `${address.toString()} is on ${place.device ?? ''} of this machine already. Delete it there, or name that interface:\n` +
      `  ip address del ${formatPlace(place)}`,
  );
}

async function gatewaySteps(
  snapshot: SetupSnapshot,
  gateways: readonly IpAddress[],
  strict: boolean,
): Promise<Step[]> {
  const steps: Step[] = [];
  for (const gateway of gateways) {
    const { family } = gateway;
    const name = formatRouteSlot({ family, to: 'default' });
    if (steps.some((step) => step.name === name)) {
      throw new CliError(`Two gateways for ${familyNames[family]}: name one`, exitStatus.usage);
    }
    const resolvedRoute = await routeTo(snapshot, gateway);
    const { device } = resolvedRoute ?? {};
    if (
      strict &&
      (device === undefined ||
        resolvedRoute?.gateway !== undefined ||
        resolvedRoute?.local === true ||
        !isDevice(device))
    ) {
      throw new CliError(
        `The gateway ${gateway.toString()} is in no net of this machine: name an address of the director that is.`,
      );
    }
    const route = `default via ${gateway.toString()} dev ${device ?? '?'}`;
    steps.push({ kind: 'route', name, wanted: [family === 'ipv6' ? `${route} metric 1` : route] });
  }
  return steps;
}
