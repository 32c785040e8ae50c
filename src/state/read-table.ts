import type { IpvsClient } from '../ipvs/client/client.js';
import type { CallOptions } from '../netlink/connection.js';
import { asWanted } from './table.js';
import type { WantedService } from './table.js';

/** What reading a table needs of a client. */
export type TableClient = Pick<IpvsClient, 'table'>;

/**
 * The table of the kernel, in a form that can be compared with a wanted one. It is read a service at a time: what changes
 * meanwhile may be in it or not.
 * @throws IpvsError as {@link IpvsClient.table} does.
 *
 * @example
 * ```ts
 * import { formatServiceId, IpvsClient } from 'ipvs';
 * import { readTable } from 'ipvs/state';
 *
 * await using client = await IpvsClient.open();
 * await client.addService('mark:7', { scheduler: 'rr' });
 * for (const { id, settings } of await readTable(client)) {
 *   console.log(formatServiceId(id), settings.scheduler); // mark:7 rr
 * }
 * ```
 */
export async function readTable(
  client: TableClient,
  options?: CallOptions,
): Promise<WantedService[]> {
  const services: WantedService[] = [];
  for await (const entry of client.table(options)) services.push(asWanted(entry));
  return services;
}
