import { constants } from 'node:os';
import type { ServiceEntry } from '../ipvs/client/client.js';
import {
  decodeDestinationState,
  encodeDestination,
  formatDestinationId,
  toDestinationId,
} from '../ipvs/model/destination.js';
import type {
  DestinationId,
  DestinationSettings,
  DestinationSettingsInput,
} from '../ipvs/model/destination.js';
import type { Operation } from '../ipvs/client/operations.js';
import { IpvsError } from '../ipvs/errors.js';
import {
  decodeServiceState,
  encodeService,
  familyOf,
  formatServiceId,
  toServiceId,
} from '../ipvs/model/service.js';
import type { ServiceId, ServiceSettings, ServiceSettingsInput } from '../ipvs/model/service.js';

/** A real server as somebody wants it. */
export interface WantedDestination {
  readonly id: DestinationId;
  readonly settings: DestinationSettings;
}

/** A virtual service with its real servers, as somebody wants them. */
export interface WantedService {
  readonly id: ServiceId;
  readonly settings: ServiceSettings;
  readonly destinations: readonly WantedDestination[];
}

interface Entry {
  readonly id: ServiceId;
  settings: ServiceSettings;
  readonly destinations: Map<string, WantedDestination>;
}

/**
 * The table that operations would make of an empty one, without a kernel: what `ip_vs_genl_set_cmd`
 * (net/netfilter/ipvs/ip_vs_ctl.c) does with them, as far as it depends on the table alone.
 */
export class WantedTable {
  readonly #entries = new Map<string, Entry>();

  /**
   * Applies an operation. Counters are not part of the table.
   * @returns the error with which a kernel would refuse it; then nothing was changed.
   */
  apply(operation: Operation): IpvsError | undefined {
    if (operation.type === 'flush') this.#entries.clear();
    if (!('service' in operation)) return undefined;
    const id = toServiceId(operation.service);
    const key = formatServiceId(id);
    const entry = this.#entries.get(key);
    if (operation.type === 'addService') {
      if (entry !== undefined) return refusal(operation, 'EEXIST');
      const settings = serviceSettings(id, operation.settings);
      this.#entries.set(key, { id, settings, destinations: new Map() });
      return undefined;
    }
    if (entry === undefined) return refusal(operation, 'ESRCH');
    if ('destination' in operation) return changeDestination(entry, operation);
    if (operation.type === 'deleteService') this.#entries.delete(key);
    if (operation.type === 'replaceService')
      entry.settings = serviceSettings(id, operation.settings);
    return undefined;
  }

  /** The virtual services, in the order they were added. */
  services(): WantedService[] {
    return Array.from(this.#entries.values(), ({ id, settings, destinations }) => ({
      id,
      settings,
      destinations: [...destinations.values()],
    }));
  }
}

type DestinationOperation = Extract<Operation, { readonly destination: unknown }>;

function changeDestination(
  { id: service, destinations }: Entry,
  operation: DestinationOperation,
): IpvsError | undefined {
  const id = toDestinationId(operation.destination);
  const key = formatDestinationId(id);
  const known = destinations.has(key);
  if (operation.type === 'addDestination' ? known : !known) {
    return refusal(operation, known ? 'EEXIST' : 'ENOENT');
  }
  if (operation.type === 'deleteDestination') {
    destinations.delete(key);
    return undefined;
  }
  const settings = destinationSettings(service, id, operation.settings);
  destinations.set(key, { id, settings });
  return undefined;
}

/** Settings of a real server in full, with defaults: those that a kernel would show after it was given these. */
export function destinationSettings(
  service: ServiceId,
  id: DestinationId,
  input: DestinationSettingsInput | undefined,
): DestinationSettings {
  return decodeDestinationState(encodeDestination(id, input ?? {}), familyOf(service)).settings;
}

/** Settings in full, with defaults: those that a kernel would show after it was given these. */
export function serviceSettings(
  id: ServiceId,
  input: ServiceSettingsInput | undefined,
): ServiceSettings {
  return decodeServiceState(encodeService(id, input ?? {})).settings;
}

function refusal(
  operation: Extract<Operation, { readonly service: unknown }>,
  code: 'EEXIST' | 'ESRCH' | 'ENOENT',
): IpvsError {
  const cause = Object.assign(new Error(code), { code, errno: constants.errno[code] });
  const service = toServiceId(operation.service);
  const destination =
    'destination' in operation ? toDestinationId(operation.destination) : undefined;
  return new IpvsError({ operation: operation.type, service, destination, cause });
}

/** A table as the kernel has it, as a wanted one. */
export function asWanted({ service, destinations }: ServiceEntry): WantedService {
  return { id: service.id, settings: service.settings, destinations };
}
