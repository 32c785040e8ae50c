import { collect } from '../common/collect.js';
import type { IpvsClient } from '../ipvs/client/client.js';
import { tableEntries } from '../ipvs/client/read-table.js';
import type { DestinationState } from '../ipvs/model/destination.js';
import { compareServices } from '../ipvs/model/service.js';
import type { ServiceId, ServiceState } from '../ipvs/model/service.js';

/** A virtual service with its real servers, with or without counters. */
export interface TableEntry<S extends ServiceState, D extends DestinationState> {
  readonly service: S;
  readonly destinations: readonly D[];
}

/** Reads the real servers of each service. */
export type ReadDestinations<D> = (ids: readonly ServiceId[]) => AsyncIterable<readonly D[]>;

/** All services, in the kernel's order or by protocol, address and port. */
export async function allServices<S extends ServiceState>(
  found: AsyncIterable<S>,
  sorted: boolean,
): Promise<readonly S[]> {
  const services = await collect(found);
  return sorted ? services.sort((a, b) => compareServices(a.id, b.id)) : services;
}

/** The services with their real servers, in the order of the services, a service at a time. */
export function withDestinations<S extends ServiceState, D extends DestinationState>(
  client: IpvsClient,
  services: readonly S[],
  read: ReadDestinations<D>,
  sorted: boolean,
): AsyncGenerator<readonly TableEntry<S, D>[], void, undefined> {
  return tableEntries(services, read, (id) => client.service(id), sorted);
}

/** The kernel's table as it is saved: in an order that does not depend on who added what first, without counters. */
export async function* savedTable(
  client: IpvsClient,
): AsyncGenerator<readonly TableEntry<ServiceState, DestinationState>[], void, undefined> {
  const services = await allServices(client.services({ statistics: false }), true);
  const read = (ids: readonly ServiceId[]) => client.destinations(ids, { statistics: false });
  yield* withDestinations(client, services, read, true);
}
