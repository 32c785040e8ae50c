import type { DestinationSettings, DestinationState } from '../ipvs/model/destination.js';
import type { Operation } from '../ipvs/client/operations.js';
import type { ServiceId, ServiceSettings, ServiceState } from '../ipvs/model/service.js';
import { numericNaming } from '../rules/format-endpoint.js';
import { formatService } from '../rules/format-rules.js';
import { ruleOf } from '../state/rule-text.js';

/** Command lines of ipvsadm that fix something. They repeat what stays, since `-E` and `-e` replace all settings. */

const commandOf = (operation: Operation): string => `ipvsadm ${ruleOf(operation)}`;

/** The option that names a virtual service: `-t 192.0.2.1:80`. */
export function serviceOption(id: ServiceId): string {
  return formatService(id, numericNaming);
}

export function editService(
  { id: service, settings }: ServiceState,
  changes: Partial<ServiceSettings>,
): string {
  return commandOf({ type: 'replaceService', service, settings: { ...settings, ...changes } });
}

export function editServer(
  service: ServiceId,
  { id: destination, settings }: DestinationState,
  changes: Partial<DestinationSettings>,
): string {
  return commandOf({
    type: 'replaceDestination',
    service,
    destination,
    settings: { ...settings, ...changes },
  });
}

/** The command that adds a real server as it is. */
export function addServer(
  service: ServiceId,
  { id: destination, settings }: DestinationState,
): string {
  return commandOf({ type: 'addDestination', service, destination, settings });
}

export function removeServer(service: ServiceId, { id: destination }: DestinationState): string {
  return commandOf({ type: 'deleteDestination', service, destination });
}
