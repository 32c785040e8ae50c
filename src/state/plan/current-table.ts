import type { IpvsClient } from '../../ipvs/client/client.js';
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
