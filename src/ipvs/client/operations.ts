import { commands } from '../wire/constants.js';
import type { CommandName } from '../wire/constants.js';
import {
  decodeDestinationId,
  encodeDestination,
  encodeDestinationId,
} from '../model/destination.js';
import type {
  DestinationId,
  DestinationIdInput,
  DestinationSettingsInput,
} from '../model/destination.js';
import { checkObject, shown } from '../model/checks.js';
import { requiresFeature } from '../wire/kernel-features.js';
import type { CommandAttributes } from '../wire/schema.js';
import { decodeServiceId, encodeService, encodeServiceId, familyOf } from '../model/service.js';
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

/** A command of IPVS with its attributes, and the facts for an error about it. */
export interface KernelRequest {
  readonly operation: string;
  readonly command: CommandName;
  readonly attributes: CommandAttributes;
  readonly service?: ServiceId | undefined;
  readonly destination?: DestinationId | undefined;
  /** Whether some kernels are too old for it: see wire/kernel-features.ts. */
  readonly requiresFeature?: boolean | undefined;
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

const types = Object.keys(commandOf) as Operation['type'][];

const NO_ATTRIBUTES: CommandAttributes = {};

/**
 * The request for an operation. There may be a hundred thousand of them, so the ids are kept in the attributes alone;
 * {@link decodeOperation} reads them back when there is an error to report.
 * @throws RangeError or TypeError when a value has no place on the wire, or there is no such operation.
 */
export function encodeOperation(operation: Operation): KernelRequest {
  checkObject(operation, 'operation');
  const { type } = operation;
  if (!Object.hasOwn(commandOf, type)) {
    throw new TypeError(`type: ${shown(type)} is not one of ${types.join(', ')}`);
  }
  const command = commandOf[type];
  // By its type, not by what it has: ZERO without a service sets all counters to zero.
  switch (operation.type) {
    case 'flush':
    case 'zeroAll':
      return { operation: type, command, attributes: NO_ATTRIBUTES };
    case 'addService':
    case 'replaceService': {
      const SERVICE = encodeService(operation.service, operation.settings ?? {});
      return { operation: type, command, attributes: { SERVICE, DEST: undefined } };
    }
    case 'deleteService':
    case 'zeroService': {
      const SERVICE = encodeServiceId(operation.service);
      return { operation: type, command, attributes: { SERVICE, DEST: undefined } };
    }
    case 'deleteDestination': {
      const SERVICE = encodeServiceId(operation.service);
      const DEST = encodeDestinationId(operation.destination);
      return { operation: type, command, attributes: { SERVICE, DEST } };
    }
    case 'addDestination':
    case 'replaceDestination': {
      const SERVICE = encodeServiceId(operation.service);
      const DEST = encodeDestination(operation.destination, operation.settings ?? {});
      const late = requiresFeature(DEST, SERVICE.AF);
      return { operation: type, command, attributes: { SERVICE, DEST }, requiresFeature: late };
    }
  }
}

/** The reverse: what an encoded request is about. */
export function decodeOperation(number: number, attributes: CommandAttributes): KernelRequest {
  const { SERVICE, DEST } = attributes;
  const operation = types.find(
    (type) =>
      commands[commandOf[type]] === number &&
      (SERVICE === undefined) === (type === 'zeroAll' || type === 'flush'),
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
