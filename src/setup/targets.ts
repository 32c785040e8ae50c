import { IpAddress } from '../ipvs/model/address.js';
import { cliStatus, CliError } from '../terminal/cli-error.js';
import { formatPlace } from '../host/address-place.js';
import type { AddressPlace } from '../host/address-place.js';
import type { ResolvedRoute } from '../host/network.js';
import type { SetupSnapshot } from './snapshot.js';
import type { Step } from './step.js';

/** What the steps of both roles are about: virtual addresses, and the interfaces that have them or lead to others. */

/** An interface's name becomes part of a path and of a command: it must not mean anything else there. */
export function isDevice(name: string): boolean {
  return /^[^\s/'"\\#;]{1,15}$/.test(name) && !/^(?:\.\.?|all|default)$/.test(name);
}

export async function checkInterface(snapshot: SetupSnapshot, name: string): Promise<void> {
  const links = await snapshot.machine.links();
  if (isDevice(name) && links.some((link) => link.name === name)) return;
  const names = links.map((link) => link.name).join(' ');
  throw new CliError(
    `There is no interface ${JSON.stringify(name)}. There are: ${names}`,
    cliStatus.usage,
  );
}

export function addressStep(place: AddressPlace): Step {
  const name = formatPlace(place);
  return { kind: 'address', name, wanted: [name] };
}

/** What the planning of steps has to know beside the machine. */
export interface PlanContext {
  /** Whether it is an error that an address has no place; a status has it as a step that is not done. */
  readonly strict: boolean;
  /** Addresses that `up` has put there itself, as steps name them. */
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

/** The interface that leads to an address: that of its net, or else of the default route. */
export async function deviceTo(
  snapshot: SetupSnapshot,
  address: IpAddress,
): Promise<string | undefined> {
  const device = (await routeTo(snapshot, address))?.device;
  return device === undefined || device === 'lo' || !isDevice(device) ? undefined : device;
}

/** The interfaces that lead to any of many addresses, of which there may be thousands. One without a route adds none. */
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
