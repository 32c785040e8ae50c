import { IpAddress } from '../ipvs/model/address.js';
import type { DestinationState } from '../ipvs/model/destination.js';
import { isMark } from '../ipvs/model/service.js';
import type { AddressService, ServiceState } from '../ipvs/model/service.js';
import { HOST_PREFIX_LENGTH, addressFamily } from '../common/ip-family.js';
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

export type ServedAddress = LocalVirtualAddress & { readonly ip: IpAddress };

/**
 * The virtual addresses for which this machine is a real server of other directors. One that it balances itself, it must
 * answer for; which those of a service by mark are, nobody knows.
 */
export async function servedAddresses(snapshot: HostSnapshot): Promise<readonly ServedAddress[]> {
  const own = await balancedAddresses(snapshot);
  const marked = (await snapshot.table()).some(({ service }) => isMark(service.id));
  if (marked) return [];
  const accepted = [...(await snapshot.accepted()), ...(await locallyRouted(snapshot))];
  return accepted.flatMap((one) => {
    const ip = IpAddress.tryParse(one.address);
    return ip === undefined || own.has(ip.toString()) ? [] : [{ ...one, ip }];
  });
}

/** Addresses that were named and are on no interface, but local all the same: `ip route add local 192.0.2.1 dev lo`. */
async function locallyRouted(snapshot: HostSnapshot): Promise<readonly LocalVirtualAddress[]> {
  const named = await snapshot.namedAddresses();
  if (named.length === 0) return [];
  const onInterfaces = new Set((await snapshot.accepted()).map(({ address }) => address));
  const routes = await snapshot.resolvedRoutes(named);
  return named
    .filter((address) => !onInterfaces.has(address) && routes.get(address)?.local === true)
    .map((address) => {
      const family = addressFamily(address);
      const prefixLength = HOST_PREFIX_LENGTH[family];
      return { address, family, prefixLength, device: undefined, scope: undefined, tunnel: false };
    });
}

/** Whether the administrator takes this machine for a real server. */
export async function isMeantAsRealServer(snapshot: HostSnapshot): Promise<boolean> {
  if (snapshot.role !== undefined) return snapshot.role === 'realserver';
  return snapshot.virtualAddresses.length > 0 || (await snapshot.isRealServer());
}
