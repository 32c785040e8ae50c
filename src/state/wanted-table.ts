import type { Operation } from '../ipvs/client/operations.js';
import { OperationBatch } from '../ipvs/client/requests.js';
import type { DestinationIdInput, DestinationSettingsInput } from '../ipvs/model/destination.js';
import type { ServiceIdInput, ServiceSettingsInput } from '../ipvs/model/service.js';
import { WantedTable } from './table.js';
import type { WantedService } from './table.js';

/** A real server as a program may write it: settings that are left out have their defaults. */
export interface WantedDestinationInput {
  readonly destination: DestinationIdInput;
  readonly settings?: DestinationSettingsInput | undefined;
}

/** A virtual service as a program may write it: settings that are left out have their defaults. */
export interface WantedServiceInput {
  readonly service: ServiceIdInput;
  readonly settings?: ServiceSettingsInput | undefined;
  readonly destinations?: readonly WantedDestinationInput[] | undefined;
}

/**
 * Checks a table and fills in the defaults of the settings.
 * @throws RangeError or TypeError when a value is out of range or of the wrong type.
 * @throws IpvsError EEXIST when a service, or a real server of one, is in it twice.
 *
 * @example
 * ```ts
 * import { toWantedTable } from 'ipvs/state';
 *
 * const [web] = toWantedTable([
 *   {
 *     service: 'tcp:192.0.2.1:80',
 *     destinations: [{ destination: '10.0.0.2:8080', settings: { forwardingMethod: 'nat' } }],
 *   },
 * ]);
 * console.log(web?.settings.scheduler, web?.destinations[0]?.settings.weight); // wlc 1
 * ```
 */
export function toWantedTable(services: Iterable<WantedServiceInput>): WantedService[] {
  return tableFrom(Array.from(services).flatMap(additionsOf));
}

function additionsOf({
  service,
  settings,
  destinations = [],
}: WantedServiceInput): readonly Operation[] {
  const servers = destinations.map((server): Operation => {
    return { type: 'addDestination', service, ...server };
  });
  return [{ type: 'addService', service, settings }, ...servers];
}

/**
 * The table that operations make of an empty one, without a kernel: what a file of rules comes to, for instance.
 * @throws RangeError or TypeError when a value is out of range or of the wrong type.
 * @throws IpvsError EEXIST, ESRCH or ENOENT when the kernel would refuse an operation after those before it.
 *
 * @example
 * ```ts
 * import { parseRules } from 'ipvs/rules';
 * import { tableFrom } from 'ipvs/state';
 *
 * const rules = `
 *   -A -t 192.0.2.1:80 -s wrr
 *   -a -t 192.0.2.1:80 -r 10.0.0.2:8080 -m -w 3
 * `;
 * const [web] = tableFrom(parseRules(rules));
 * console.log(web?.settings.scheduler, web?.destinations.length); // wrr 1
 * ```
 */
export function tableFrom(operations: Iterable<Operation>): WantedService[] {
  const table = new WantedTable();
  // Its encoding checks the ranges of all values.
  const batch = new OperationBatch();
  for (const operation of operations) {
    batch.add(operation);
    const refusal = table.apply(operation);
    if (refusal !== undefined) throw refusal;
  }
  return table.services();
}
