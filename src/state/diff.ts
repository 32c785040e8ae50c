import { formatDestinationId } from '../ipvs/model/destination.js';
import type { DestinationSettings } from '../ipvs/model/destination.js';
import type { Operation } from '../ipvs/client/operations.js';
import { formatServiceId } from '../ipvs/model/service.js';
import type { ServiceSettings } from '../ipvs/model/service.js';
import type { WantedDestination, WantedService } from './table.js';

/** The way from one table to another, in two steps. */
export interface Difference {
  /** Additions and changed settings. */
  readonly changes: readonly Operation[];
  /** Deletions of what is no longer wanted, to be applied once all changes have taken effect. */
  readonly deletions: readonly Operation[];
}

/** Operations of several differences, as one. */
export function toDifference(operations: readonly Operation[]): Difference {
  const isDeletion = ({ type }: Operation) =>
    type === 'deleteService' || type === 'deleteDestination';
  return {
    changes: operations.filter((one) => !isDeletion(one)),
    deletions: operations.filter(isDeletion),
  };
}

/**
 * The operations that make one table of another. What is the same in both is not touched, and what is new comes before
 * what is old goes: a virtual service that is in both has real servers at every moment, and keeps its connections.
 */
export function difference(
  current: readonly WantedService[],
  wanted: readonly WantedService[],
): Difference {
  const before = byKey(current, formatServiceId);
  const after = byKey(wanted, formatServiceId);
  return {
    changes: wanted.flatMap((one) => changesOf(before.get(formatServiceId(one.id)), one)),
    deletions: current.flatMap((one) => deletionsOf(one, after.get(formatServiceId(one.id)))),
  };
}

function changesOf(before: WantedService | undefined, after: WantedService): Operation[] {
  const { id: service, settings } = after;
  const operations: Operation[] = [];
  if (before === undefined) operations.push({ type: 'addService', service, settings });
  else if (!isSameService(before.settings, settings))
    operations.push({ type: 'replaceService', service, settings });
  const known = byKey(before?.destinations ?? [], formatDestinationId);
  for (const wanted of after.destinations) {
    const old = known.get(formatDestinationId(wanted.id));
    if (old !== undefined && isSameDestination(old, wanted)) continue;
    operations.push({
      type: old === undefined ? 'addDestination' : 'replaceDestination',
      service,
      destination: wanted.id,
      settings: wanted.settings,
    });
  }
  return operations;
}

function deletionsOf(before: WantedService, after: WantedService | undefined): Operation[] {
  const { id: service } = before;
  if (after === undefined) return [{ type: 'deleteService', service }];
  return extraDestinations(before, after).map(({ id: destination }) => ({
    type: 'deleteDestination',
    service,
    destination,
  }));
}

/** The real servers of a service that another list of them does not have. */
export function extraDestinations(
  { destinations }: WantedService,
  known: WantedService,
): readonly WantedDestination[] {
  const ids = new Set(known.destinations.map(({ id }) => formatDestinationId(id)));
  return destinations.filter(({ id }) => !ids.has(formatDestinationId(id)));
}

function byKey<Id, Thing extends { readonly id: Id }>(
  things: readonly Thing[],
  format: (id: Id) => string,
): Map<string, Thing> {
  return new Map(things.map((thing) => [format(thing.id), thing]));
}

/** A service with real servers besides its own, which others have added and which are to stay. */
export function withOthers(
  service: WantedService,
  others: readonly WantedDestination[],
): WantedService {
  return { ...service, destinations: [...service.destinations, ...others] };
}

/** Whether the kernel treats both alike. */
export function isSameService(one: ServiceSettings, other: ServiceSettings): boolean {
  return serviceKey(one) === serviceKey(other);
}

/** Whether the kernel treats the settings of both alike. */
export function isSameDestination(one: WantedDestination, other: WantedDestination): boolean {
  return destinationKey(one.settings) === destinationKey(other.settings);
}

/** Text that is equal for settings the kernel treats alike. */
function serviceKey(settings: ServiceSettings): string {
  const { scheduler, persistence, persistenceEngine, onePacket, schedulerFlags } = settings;
  return JSON.stringify([
    scheduler,
    persistence && [
      persistence.timeoutSeconds,
      persistence.netmask?.toString(),
      persistence.prefixLength,
    ],
    persistenceEngine,
    onePacket,
    [...schedulerFlags].sort(),
  ]);
}

/** Text that is equal for settings of real servers the kernel treats alike. The kernel finds out by itself which of them are this machine (`local`). */
function destinationKey(settings: DestinationSettings): string {
  const { forwardingMethod, weight, upperThreshold, lowerThreshold, tunnel } = settings;
  return JSON.stringify([
    forwardingMethod === 'local' ? 'dr' : forwardingMethod,
    weight,
    upperThreshold,
    lowerThreshold,
    tunnel && [tunnel.type, tunnel.port, tunnel.checksum],
  ]);
}
