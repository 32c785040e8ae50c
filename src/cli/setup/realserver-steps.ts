import type { IpAddress } from '../../ipvs/address.js';
import { hostAddress, versionOf } from '../ip-version.js';
import { cliStatus, Problem } from '../problem.js';
import type { Look } from './look.js';
import { looseSteps, quietSteps } from './settings-steps.js';
import type { Step } from './step.js';
import { addressStep, checkInterface, isDevice } from './targets.js';
import type { Circumstances } from './targets.js';
import { tunnels } from './tunnels.js';

export interface RealServerWishes {
  readonly method: 'nat' | 'dr' | 'tun';
  readonly virtual: readonly IpAddress[];
  readonly interface: string | undefined;
  readonly gateways: readonly IpAddress[];
}

/** What makes a real server: settings before the address, so that it is never heard of on the wire. */
export async function realServerSteps(
  look: Look,
  wishes: RealServerWishes,
  circumstances: Circumstances,
): Promise<Step[]> {
  const { strict } = circumstances;
  check(wishes);
  if (wishes.interface !== undefined && strict) await checkInterface(look, wishes.interface);
  if (wishes.method === 'nat') return await gatewaySteps(look, wishes.gateways, strict);
  const steps: Step[] = [];
  for (const version of [4, 6] as const) {
    const virtual = wishes.virtual.filter((address) => versionOf(address) === version);
    if (virtual.length > 0)
      steps.push(...(await takingSteps(look, wishes, version, virtual, circumstances)));
  }
  return steps;
}

function check({ method, virtual, gateways }: RealServerWishes): void {
  const missing =
    method === 'nat'
      ? gateways.length === 0 && 'With nat, name the director as --gateway ADDRESS'
      : virtual.length === 0 && `With ${method}, name the virtual address: --vip ADDRESS`;
  if (missing !== false) throw new Problem(missing, cliStatus.usage);
  if (method !== 'nat' && gateways.length > 0) {
    throw new Problem(
      `--gateway is for nat: with ${method}, replies do not go through the director`,
      cliStatus.usage,
    );
  }
}

async function takingSteps(
  look: Look,
  { method, interface: wanted }: RealServerWishes,
  version: 4 | 6,
  virtual: readonly IpAddress[],
  { strict, own }: Circumstances,
): Promise<Step[]> {
  const tunnel = method === 'tun' ? tunnels[version] : undefined;
  const device = wanted ?? tunnel?.device ?? 'lo';
  const places = virtual.map((address) => hostAddress(address, device));
  if (strict) for (const address of virtual) await checkPlace(look, address, device, own);
  // Neighbour discovery answers for the addresses of the interface that is asked, and for no others: IPv6 needs no setting.
  const settings = version === 4 ? await quietSteps(look) : [];
  if (version === 4 && tunnel !== undefined)
    settings.push(...(await looseSteps(look, tunnel.device)));
  return [
    ...(tunnel ? [{ kind: 'module', name: tunnel.module, wanted: ['loaded'] } as const] : []),
    ...settings,
    ...(tunnel ? [{ kind: 'link', name: tunnel.device, wanted: ['up'] } as const] : []),
    ...places.map(addressStep),
    // That of an IPv6 address is there with it.
    ...(version === 6 ? [] : virtual.map((address) => routeStep(address, device))),
  ];
}

function routeStep(address: IpAddress, device: string): Step {
  const to = address.toString();
  return { kind: 'route', name: `-4 ${to}`, wanted: [`${to} dev ${device} scope link`] };
}

/** On an interface that hears questions for it, a real server would answer them. */
async function checkPlace(
  look: Look,
  address: IpAddress,
  device: string,
  own: ReadonlySet<string>,
): Promise<void> {
  const place = await look.placeOf(address);
  const where = place?.split(' dev ')[1];
  if (place === undefined || where === device || own.has(place)) return;
  throw new Problem(
    `${address.toString()} is on ${where ?? ''} of this machine already. Delete it there, or name that interface:\n` +
      `  ip address del ${place}`,
  );
}

async function gatewaySteps(
  look: Look,
  gateways: readonly IpAddress[],
  strict: boolean,
): Promise<Step[]> {
  const steps: Step[] = [];
  for (const gateway of gateways) {
    const version = versionOf(gateway);
    const name = `-${version} default`;
    if (steps.some((step) => step.name === name)) {
      throw new Problem(`Two gateways for IPv${version}: name one`, cliStatus.usage);
    }
    const way = await look.way(gateway);
    const { device } = way ?? {};
    if (
      strict &&
      (device === undefined ||
        way?.gateway !== undefined ||
        way?.local === true ||
        !isDevice(device))
    ) {
      throw new Problem(
        `The gateway ${gateway.toString()} is in no net of this machine: name an address of the director that is.`,
      );
    }
    const route = `default via ${gateway.toString()} dev ${device ?? '?'}`;
    steps.push({ kind: 'route', name, wanted: [version === 6 ? `${route} metric 1` : route] });
  }
  return steps;
}
