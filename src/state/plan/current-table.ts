import { collect } from '../../common/collect.js';
import type { IpvsClient } from '../../ipvs/client/client.js';
import { isIpvsError } from '../../ipvs/errors.js';
import type { ServiceId } from '../../ipvs/model/service.js';
import { savedTable } from '../saved-table.js';
import type { CurrentService } from './plan.js';

/** The kernel's table in the order of listings, with the connections of its real servers and without counters. */
export async function currentTable(client: IpvsClient): Promise<CurrentService[]> {
  const services: CurrentService[] = [];
  for await (const [entry] of savedTable(client)) {
    if (entry === undefined) continue;
    const { service, destinations } = entry;
    services.push({ ...service, destinations });
  }
  return services;
}

/** One service of the kernel's table; undefined when it does not exist. */
export async function currentService(
  client: IpvsClient,
  service: ServiceId,
): Promise<CurrentService | undefined> {
  try {
    const { id, settings } = await client.service(service);
    const destinations = await collect(client.destinations(id, { statistics: false }));
    return { id, settings, destinations };
  } catch (error) {
    if (isIpvsError(error) && error.code === 'ESRCH') return undefined;
    throw error;
  }
}
