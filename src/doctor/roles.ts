import { IpAddress } from '../ipvs/model/address.js';
import type { DestinationState } from '../ipvs/model/destination.js';
import { isMark } from '../ipvs/model/service.js';
import type { AddressService, ServiceState } from '../ipvs/model/service.js';
import type { LocalVirtualAddress } from './virtual-addresses.js';
import type { HostSnapshot } from './snapshot.js';

/** A real server in its service. */
export interface Server {
  readonly service: ServiceState;
  readonly destination: DestinationState;
  readonly address: string;
}

/** All real servers that may get new connections. */
export async function activeServers(snapshot: HostSnapshot): Promise<readonly Server[]> {
  return (await snapshot.table()).flatMap(({ service, destinations }) =>
    destinations
      .filter(({ settings }) => settings.weight > 0)
      .map((destination) => ({ service, destination, address: destination.id.address.toString() })),
  );
}

/** The first service at each virtual address; those by mark have none. */
export async function balancedAddresses(
  snapshot: HostSnapshot,
): Promise<ReadonlyMap<string, AddressService>> {
  const first = new Map<string, AddressService>();
  for (const { service } of await snapshot.table()) {
    if (isMark(service.id)) continue;
    const address = service.id.address.toString();
    if (!first.has(address)) first.set(address, service.id);
  }
  return first;
}

/**
 * The virtual addresses for which this machine is a real server of other directors. One that it balances itself, it must
 * answer for; which those of a service by mark are, nobody knows.
 */
export async function servedAddresses(
  snapshot: HostSnapshot,
): Promise<readonly (LocalVirtualAddress & { readonly ip: IpAddress })[]> {
  const own = await balancedAddresses(snapshot);
  const marked = (await snapshot.table()).some(({ service }) => isMark(service.id));
  if (marked) return [];
  return (await snapshot.accepted()).flatMap((accepted) => {
    const ip = IpAddress.tryParse(accepted.address);
    return ip === undefined || own.has(ip.toString()) ? [] : [{ ...accepted, ip }];
  });
}

/** Whether the administrator takes this machine for a real server. */
export async function isMeantAsRealServer(snapshot: HostSnapshot): Promise<boolean> {
  return snapshot.virtualAddresses.length > 0 || (await snapshot.isRealServer());
}
