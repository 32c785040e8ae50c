import { formatDestinationId } from '../ipvs/model/destination.js';
import type { DestinationSettings } from '../ipvs/model/destination.js';
import type { Operation } from '../ipvs/client/operations.js';
import { formatServiceId } from '../ipvs/model/service.js';
import type { ServiceSettings } from '../ipvs/model/service.js';
import type { WantedService } from './table.js';

/** The way from one table to another, in two steps. */
export interface Difference {
  /** What is new and what is set otherwise. */
  readonly changes: readonly Operation[];
  /** What is old. Once the changes have taken effect, nobody misses it. */
  readonly deletions: readonly Operation[];
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
  if (before === undefined) operations.push({ operation: 'addService', service, settings });
  else if (serviceKey(before.settings) !== serviceKey(settings))
    operations.push({ operation: 'replaceService', service, settings });
  const known = byKey(before?.destinations ?? [], formatDestinationId);
  for (const wanted of after.destinations) {
    const old = known.get(formatDestinationId(wanted.id));
    if (old !== undefined && destinationKey(old.settings) === destinationKey(wanted.settings))
      continue;
    operations.push({
      operation: old === undefined ? 'addDestination' : 'replaceDestination',
      service,
      destination: wanted.id,
      settings: wanted.settings,
    });
  }
  return operations;
}

function deletionsOf(before: WantedService, after: WantedService | undefined): Operation[] {
  const { id: service } = before;
  if (after === undefined) return [{ operation: 'deleteService', service }];
  const wanted = byKey(after.destinations, formatDestinationId);
  return before.destinations
    .filter(({ id }) => !wanted.has(formatDestinationId(id)))
    .map(({ id: destination }) => ({ operation: 'deleteDestination', service, destination }));
}

function byKey<Id, Thing extends { readonly id: Id }>(
  things: readonly Thing[],
  format: (id: Id) => string,
): Map<string, Thing> {
  return new Map(things.map((thing) => [format(thing.id), thing]));
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

/** The same for real servers. The kernel finds out by itself which of them are this machine (`local`). */
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
