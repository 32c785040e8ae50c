import { IpAddress } from '../../ipvs/address.js';
import type { DestinationState } from '../../ipvs/destination.js';
import { isMark } from '../../ipvs/service.js';
import type { AddressService, ServiceState } from '../../ipvs/service.js';
import type { AcceptedAddress } from './accepted.js';
import type { Facts } from './facts.js';

/** A real server in its service. */
export interface Server {
  readonly service: ServiceState;
  readonly destination: DestinationState;
  readonly address: string;
}

/** All real servers that may get new connections. */
export async function activeServers(facts: Facts): Promise<readonly Server[]> {
  return (await facts.table()).flatMap(({ service, destinations }) =>
    destinations
      .filter(({ settings }) => settings.weight > 0)
      .map((destination) => ({ service, destination, address: destination.id.address.toString() })),
  );
}

/** The first service at each virtual address; those by mark have none. */
export async function balancedAddresses(
  facts: Facts,
): Promise<ReadonlyMap<string, AddressService>> {
  const first = new Map<string, AddressService>();
  for (const { service } of await facts.table()) {
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
  facts: Facts,
): Promise<readonly (AcceptedAddress & { readonly ip: IpAddress })[]> {
  const own = await balancedAddresses(facts);
  const marked = (await facts.table()).some(({ service }) => isMark(service.id));
  if (marked) return [];
  return (await facts.accepted()).flatMap((accepted) => {
    const ip = IpAddress.tryParse(accepted.address);
    return ip === undefined || own.has(ip.toString()) ? [] : [{ ...accepted, ip }];
  });
}

/** Whether the administrator takes this machine for a real server. */
export async function isMeantAsRealServer(facts: Facts): Promise<boolean> {
  return facts.virtualAddresses.length > 0 || (await facts.isRealServer());
}
