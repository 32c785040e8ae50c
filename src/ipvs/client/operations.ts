import { commands } from '../wire/constants.js';
import type { CommandName } from '../wire/constants.js';
import {
  decodeDestinationId,
  encodeDestination,
  encodeDestinationId,
  toDestinationId,
} from '../model/destination.js';
import type {
  DestinationId,
  DestinationIdInput,
  DestinationSettingsInput,
} from '../model/destination.js';
import { requiresFeature } from '../wire/kernel-features.js';
import type { CommandAttributes } from '../wire/schema.js';
import {
  decodeServiceId,
  encodeService,
  encodeServiceId,
  familyOf,
  toServiceId,
} from '../model/service.js';
import type { ServiceId, ServiceIdInput, ServiceSettingsInput } from '../model/service.js';

interface OnAll {
  readonly type: 'flush' | 'zeroAll';
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
  | ({ readonly type: 'addService' | 'replaceService' } & WithServiceSettings)
  | ({ readonly type: 'deleteService' | 'zeroService' } & OnService)
  | ({ readonly type: 'addDestination' | 'replaceDestination' } & WithDestinationSettings)
  | ({ readonly type: 'deleteDestination' } & OnDestination)
  | OnAll;

/** An operation in the kernel's terms, with what an error about it has to say. */
export interface KernelRequest {
  readonly operation: string;
  readonly command: CommandName;
  readonly attributes: CommandAttributes;
  readonly service?: ServiceId;
  readonly destination?: DestinationId;
  /** Whether some kernels are too old for it: see wire/kernel-features.ts. */
  readonly requiresFeature?: boolean;
}

const commandOf = {
  addService: 'NEW_SERVICE',
  replaceService: 'SET_SERVICE',
  deleteService: 'DEL_SERVICE',
  zeroService: 'ZERO',
  addDestination: 'NEW_DEST',
  replaceDestination: 'SET_DEST',
  deleteDestination: 'DEL_DEST',
  flush: 'FLUSH',
  zeroAll: 'ZERO',
} as const satisfies Record<Operation['type'], CommandName>;

/** What a batch sends of an operation: there may be a hundred thousand, so nothing else is made of it. */
export interface EncodedOperation {
  readonly command: CommandName;
  readonly attributes: CommandAttributes;
  /** Whether some kernels are too old for it: see wire/kernel-features.ts. */
  readonly requiresFeature: boolean;
}

const NO_ATTRIBUTES: CommandAttributes = {};

/** @throws RangeError when a value has no place on the wire. */
export function encodeOperation(operation: Operation): EncodedOperation {
  const { type: name } = operation;
  const command = commandOf[name];
  if (isOnAll(operation)) return { command, attributes: NO_ATTRIBUTES, requiresFeature: false };
  if (!('destination' in operation)) {
    const SERVICE =
      name === 'addService' || name === 'replaceService'
        ? encodeService(operation.service, settingsOf(operation))
        : encodeServiceId(operation.service);
    return { command, attributes: { SERVICE, DEST: undefined }, requiresFeature: false };
  }
  const SERVICE = encodeServiceId(operation.service);
  const isDeletion = operation.type === 'deleteDestination';
  const DEST = isDeletion
    ? encodeDestinationId(operation.destination)
    : encodeDestination(operation.destination, operation.settings ?? {});
  return {
    command,
    attributes: { SERVICE, DEST },
    requiresFeature: !isDeletion && requiresFeature(DEST, SERVICE.AF),
  };
}

/** @throws RangeError when a value has no place on the wire. */
export function toKernelRequest(operation: Operation): KernelRequest {
  const request = { operation: operation.type, ...encodeOperation(operation) };
  if (isOnAll(operation)) return request;
  const service = toServiceId(operation.service);
  if (!('destination' in operation)) return { ...request, service };
  return { ...request, service, destination: toDestinationId(operation.destination) };
}

/** By name, not by the lack of a service: ZERO without one sets all counters to zero. */
function isOnAll(operation: Operation): operation is OnAll {
  return operation.type === 'flush' || operation.type === 'zeroAll';
}

function settingsOf(operation: OnService | WithServiceSettings): ServiceSettingsInput {
  return ('settings' in operation ? operation.settings : undefined) ?? {};
}

/** The other way round: what a request that was encoded is about. */
export function toRequestFacts(number: number, attributes: CommandAttributes): KernelRequest {
  const { SERVICE, DEST } = attributes;
  const names = Object.keys(commandOf) as Operation['type'][];
  const operation = names.find(
    (name) =>
      commands[commandOf[name]] === number &&
      (SERVICE === undefined) === (name === 'zeroAll' || name === 'flush'),
  );
  if (operation === undefined) throw new TypeError(`command ${number} is no operation's`);
  const command = commandOf[operation];
  if (SERVICE === undefined) return { operation, command, attributes };
  const service = decodeServiceId(SERVICE);
  if (DEST === undefined) return { operation, command, service, attributes };
  const destination = decodeDestinationId(DEST, familyOf(service));
  const late = operation !== 'deleteDestination' && requiresFeature(DEST, SERVICE.AF);
  return { operation, command, service, destination, attributes, requiresFeature: late };
}
