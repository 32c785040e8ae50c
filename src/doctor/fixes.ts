import type { DestinationSettings, DestinationState } from '../ipvs/model/destination.js';
import { formatEndpoint } from '../ipvs/model/service.js';
import type { ServiceId, ServiceSettings, ServiceState } from '../ipvs/model/service.js';
import { numericNaming } from '../rules/format-endpoint.js';
import { destinationRule, formatService, serviceRule } from '../rules/format-rules.js';

/** Command lines of ipvsadm that fix something. They repeat what stays, since `-E` and `-e` replace all settings. */

/** The option that names a virtual service: `-t 192.0.2.1:80`. */
export function serviceOption(id: ServiceId): string {
  return formatService(id, numericNaming);
}

export function editService(service: ServiceState, changes: Partial<ServiceSettings>): string {
  const settings = { ...service.settings, ...changes };
  return `ipvsadm ${serviceRule({ ...service, settings }, numericNaming).replace('-A', '-E')}`;
}

export function editServer(
  service: ServiceId,
  destination: DestinationState,
  changes: Partial<DestinationSettings>,
): string {
  const settings = { ...destination.settings, ...changes };
  const rule = destinationRule(service, { ...destination, settings }, numericNaming);
  return `ipvsadm ${rule.replace('-a', '-e')}`;
}

/** The command that adds a real server as it is. */
export function addServer(service: ServiceId, destination: DestinationState): string {
  return `ipvsadm ${destinationRule(service, destination, numericNaming)}`;
}

export function removeServer(
  service: ServiceId,
  { id: { address, port } }: DestinationState,
): string {
  return `ipvsadm -d ${serviceOption(service)} -r ${formatEndpoint(address, port)}`;
}
