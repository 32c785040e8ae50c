import { formatDestinationId } from './destination.js';
import type { DestinationId } from './destination.js';
import { formatServiceId } from './service.js';
import type { ServiceId } from './service.js';

/** The text of a real server in one service, equal for equal ones: `tcp:192.0.2.1:80 10.0.0.2:8080`. */
export function formatPlace(service: ServiceId, destination: DestinationId): string {
  return `${formatServiceId(service)} ${formatDestinationId(destination)}`;
}
