import { IpAddress } from '../ipvs/model/address.js';
import { CliError } from '../terminal/cli-error.js';
import { exitStatus } from '../terminal/exit-status.js';
import { formatPlace } from '../host/address-place.js';
import type { AddressPlace } from '../host/address-place.js';
import type { ResolvedRoute } from '../host/network.js';
import type { SetupSnapshot } from './snapshot.js';
import type { Step } from './step.js';

/** Virtual addresses and interfaces, which the steps of both roles are about. */

/** Whether a name is safe in the path of a sysctl and in the arguments of `ip`. */
export function isDevice(name: string): boolean {
  return /^[^\s/'"\\#;]{1,15}$/.test(name) && !/^(?:\.\.?|all|default)$/.test(name);
}

export async function checkInterface(snapshot: SetupSnapshot, name: string): Promise<void> {
  const links = await snapshot.machine.links();
  if (isDevice(name) && links.some((link) => link.name === name)) return;
  const names = links.map((link) => link.name).join(' ');
  throw new CliError(
    `There is no interface ${JSON.stringify(name)}. There are: ${names}`,
    exitStatus.usage,
  );
}

export function addressStep(place: AddressPlace): Step {
  const name = formatPlace(place);
  return { kind: 'address', name, wanted: [name] };
}

/** What steps are planned with, besides the state of the machine. */
export interface PlanContext {
  /** Whether an address without an interface is an error; in a status it is a step that is not done. */
  readonly strict: boolean;
  /** Addresses that an earlier `up` has added, by the names of their steps. */
  readonly own: ReadonlySet<string>;
}

/** The route to an address; undefined when there is none. */
export async function routeTo(
  { machine }: SetupSnapshot,
  address: IpAddress,
): Promise<ResolvedRoute | undefined> {
  const name = address.toString();
  return (await machine.resolvedRoutes([name])).get(name);
}

/** The interface by which an address is reached: that of its network, otherwise that of the default route. */
export async function deviceTo(
  snapshot: SetupSnapshot,
  address: IpAddress,
): Promise<string | undefined> {
  const device = (await routeTo(snapshot, address))?.device;
  return device === undefined || device === 'lo' || !isDevice(device) ? undefined : device;
}

/** The interfaces by which addresses are reached, of which there may be thousands. Those without a route add none. */
export async function devicesTo(
  snapshot: SetupSnapshot,
  addresses: readonly IpAddress[],
): Promise<string[]> {
  await snapshot.machine.resolvedRoutes(addresses.map(String));
  const devices = new Set<string>();
  for (const address of addresses) {
    const device = await deviceTo(snapshot, address);
    if (device !== undefined) devices.add(device);
  }
  return [...devices];
}
