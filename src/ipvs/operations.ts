import type { CommandName } from './constants.js';
import { encodeDestination, encodeDestinationId, toDestinationId } from './destination.js';
import type { DestinationId, DestinationIdInput, DestinationSettingsInput } from './destination.js';
import type { CommandAttributes } from './schema.js';
import { encodeService, encodeServiceId, toServiceId } from './service.js';
import type { ServiceId, ServiceIdInput, ServiceSettingsInput } from './service.js';

interface OnAll {
  readonly operation: 'flush' | 'zeroAll';
}

interface OnService {
  readonly service: ServiceIdInput;
}

interface OnDestination extends OnService {
  readonly destination: DestinationIdInput;
}

interface WithServiceSettings extends OnService {
  /** What is left out has its default, also when a service is set: nothing of the old settings stays. */
  readonly settings?: ServiceSettingsInput | undefined;
}

interface WithDestinationSettings extends OnDestination {
  /** What is left out has its default, also when a destination is set: nothing of the old settings stays. */
  readonly settings?: DestinationSettingsInput | undefined;
}

/** A change of the table, as data: what {@link IpvsClient.batch} takes many of. */
export type Operation =
  | ({ readonly operation: 'addService' | 'setService' } & WithServiceSettings)
  | ({ readonly operation: 'deleteService' | 'zeroService' } & OnService)
  | ({ readonly operation: 'addDestination' | 'setDestination' } & WithDestinationSettings)
  | ({ readonly operation: 'deleteDestination' } & OnDestination)
  | OnAll;

/** An operation in the kernel's terms, with what an error about it has to say. */
export interface KernelRequest {
  readonly operation: string;
  readonly command: CommandName;
  readonly attributes: CommandAttributes;
  readonly service?: ServiceId;
  readonly destination?: DestinationId;
}

const commandOf = {
  addService: 'NEW_SERVICE',
  setService: 'SET_SERVICE',
  deleteService: 'DEL_SERVICE',
  zeroService: 'ZERO',
  addDestination: 'NEW_DEST',
  setDestination: 'SET_DEST',
  deleteDestination: 'DEL_DEST',
  flush: 'FLUSH',
  zeroAll: 'ZERO',
} as const satisfies Record<Operation['operation'], CommandName>;

/** @throws RangeError when a value has no place on the wire. */
export function toKernelRequest(operation: Operation): KernelRequest {
  const { operation: name } = operation;
  const command = commandOf[name];
  if (isOnAll(operation)) return { operation: name, command, attributes: {} };
  const service = toServiceId(operation.service);
  if (!('destination' in operation)) {
    const SERVICE =
      name === 'addService' || name === 'setService'
        ? encodeService(service, settingsOf(operation))
        : encodeServiceId(service);
    return { operation: name, command, service, attributes: { SERVICE } };
  }
  const destination = toDestinationId(operation.destination);
  const DEST =
    operation.operation === 'deleteDestination'
      ? encodeDestinationId(destination)
      : encodeDestination(destination, operation.settings ?? {});
  return {
    operation: name,
    command,
    service,
    destination,
    attributes: { SERVICE: encodeServiceId(service), DEST },
  };
}

/** By name, not by the lack of a service: ZERO without one sets all counters to zero. */
function isOnAll(operation: Operation): operation is OnAll {
  return operation.operation === 'flush' || operation.operation === 'zeroAll';
}

function settingsOf(operation: OnService | WithServiceSettings): ServiceSettingsInput {
  return ('settings' in operation ? operation.settings : undefined) ?? {};
}
