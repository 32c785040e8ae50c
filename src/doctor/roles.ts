import { IpAddress } from '../ipvs/model/address.js';
import type { DestinationState } from '../ipvs/model/destination.js';
import { isMark } from '../ipvs/model/service.js';
import type { AddressService, ServiceState } from '../ipvs/model/service.js';
import { HOST_PREFIX_LENGTH, addressFamily } from '../common/ip-family.js';
import type { ResolvedRoute } from '../host/network.js';
import type { LocalVirtualAddress } from './virtual-addresses.js';
import type { CheckContext } from './check-context.js';

/** A real server in its service. */
export interface Server {
  readonly service: ServiceState;
  readonly destination: DestinationState;
  readonly address: string;
}

/** All real servers that may get new connections. */
export async function activeServers(context: CheckContext): Promise<readonly Server[]> {
  return (await context.ipvs.table()).flatMap(({ service, destinations }) =>
    destinations
      .filter(({ settings }) => settings.weight > 0)
      .map((destination) => ({ service, destination, address: destination.id.address.toString() })),
  );
}

/** The routes to all real servers that may get new connections, looked up at once for all checks. */
export async function serverRoutes(
  context: CheckContext,
): Promise<ReadonlyMap<string, ResolvedRoute | undefined>> {
  const servers = await activeServers(context);
  return await context.machine.resolvedRoutes(servers.map(({ address }) => address));
}

/** The first service at each virtual address. Services by mark have no address. */
export async function balancedAddresses(
  context: CheckContext,
): Promise<ReadonlyMap<string, AddressService>> {
  const first = new Map<string, AddressService>();
  for (const { service } of await context.ipvs.table()) {
    if (isMark(service.id)) continue;
    const address = service.id.address.toString();
    if (!first.has(address)) first.set(address, service.id);
  }
  return first;
}

export type ServedAddress = LocalVirtualAddress & { readonly ip: IpAddress };

/**
 * The virtual addresses for which this machine is a real server of other directors. It must answer ARP for an address that it
 * balances itself; and the addresses of a service by mark are not known.
 */
export async function servedAddresses(context: CheckContext): Promise<readonly ServedAddress[]> {
  const own = await balancedAddresses(context);
  const marked = (await context.ipvs.table()).some(({ service }) => isMark(service.id));
  if (marked) return [];
  const accepted = [...(await context.accepted()), ...(await locallyRouted(context))];
  return accepted.flatMap((one) => {
    const ip = IpAddress.tryParse(one.address);
    return ip === undefined || own.has(ip.toString()) ? [] : [{ ...one, ip }];
  });
}

/** Addresses of `--vip` that are on no interface, but local by a route: `ip route add local 192.0.2.1 dev lo`. */
async function locallyRouted(context: CheckContext): Promise<readonly LocalVirtualAddress[]> {
  const named = await context.namedAddresses();
  if (named.length === 0) return [];
  const onInterfaces = new Set((await context.accepted()).map(({ address }) => address));
  const routes = await context.machine.resolvedRoutes(named);
  return named
    .filter((address) => !onInterfaces.has(address) && routes.get(address)?.local === true)
    .map((address) => {
      const family = addressFamily(address);
      const prefixLength = HOST_PREFIX_LENGTH[family];
      return { address, family, prefixLength, device: undefined, scope: undefined, tunnel: false };
    });
}

/** Whether the administrator considers this machine a real server. */
export async function isMeantAsRealServer(context: CheckContext): Promise<boolean> {
  if (context.role !== undefined) return context.role === 'realserver';
  return context.virtualAddresses.length > 0 || (await context.isRealServer());
}
