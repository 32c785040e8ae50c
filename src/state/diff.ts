import { compareDestinations, formatDestinationId } from '../ipvs/model/destination.js';
import type {
  DestinationId,
  DestinationSettings,
  ForwardingMethod,
} from '../ipvs/model/destination.js';
import type { Operation } from '../ipvs/client/operations.js';
import { formatServiceId } from '../ipvs/model/service.js';
import type { Persistence, ServiceId, ServiceSettings } from '../ipvs/model/service.js';
import type { WantedDestination, WantedService } from './table.js';

/** Settings that were added, changed or removed. */
type Transition<Settings> =
  | { readonly type: 'added'; readonly before?: undefined; readonly after: Settings }
  | { readonly type: 'changed'; readonly before: Settings; readonly after: Settings }
  | { readonly type: 'removed'; readonly before: Settings; readonly after?: undefined };

/** A virtual service that was added, changed or removed. */
export type ServiceChange = Transition<ServiceSettings> & {
  readonly service: ServiceId;
  readonly destination?: undefined;
};

/** A real server of a virtual service that was added, changed or removed. */
export type DestinationChange = Transition<DestinationSettings> & {
  readonly service: ServiceId;
  readonly destination: DestinationId;
};

/** What differs between two tables, in one place: a virtual service, or a real server of one. */
export type TableChange = ServiceChange | DestinationChange;

/** The operations that turn one table into another, in two steps. */
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
 * The operations that turn one table into another. What is equal in both is left alone, and additions come before deletions:
 * a virtual service that is in both has real servers at every moment, and keeps its connections. Pure: {@link apply} carries
 * the operations out.
 *
 * @example
 * ```ts
 * import { diff, toWantedTable } from 'ipvs/state';
 *
 * const web = 'tcp:192.0.2.1:80';
 * const current = toWantedTable([{ service: web, destinations: [{ destination: '10.0.0.2:80' }] }]);
 * const wanted = toWantedTable([{ service: web, destinations: [{ destination: '10.0.0.3:80' }] }]);
 *
 * const { changes, deletions } = diff(current, wanted);
 * console.log(changes.map(({ type }) => type).join()); // addDestination
 * console.log(deletions.map(({ type }) => type).join()); // deleteDestination
 * ```
 */
export function diff(
  current: readonly WantedService[],
  wanted: readonly WantedService[],
): Difference {
  const changes = tableChanges(current, wanted);
  const gone = new Set(changes.filter(isServiceRemoval).map(({ service }) => service));
  // Real servers go with their service.
  const operations = changes.filter(
    (change) => change.destination === undefined || !gone.has(change.service),
  );
  return toDifference(operations.map(toOperation));
}

/** What differs between two tables: what was added and changed, in the order of the later one, and then what was removed. */
export function tableChanges(
  earlier: readonly WantedService[],
  later: readonly WantedService[],
): TableChange[] {
  const before = byKey(earlier, formatServiceId);
  const kept: Kept = new Map();
  return [
    ...later.flatMap((one) => additions(before.get(formatServiceId(one.id)), one, kept)),
    ...earlier.flatMap((one) => removals(one, kept.get(one))),
  ];
}

/** The services of the earlier table that are in the later one too, with their real servers that are. */
type Kept = Map<WantedService, Set<WantedDestination>>;

function additions(
  before: WantedService | undefined,
  after: WantedService,
  kept: Kept,
): TableChange[] {
  const { id: service, settings } = after;
  const changes: TableChange[] = [];
  if (before === undefined) changes.push({ type: 'added', service, after: settings });
  else if (!isSameService(before.settings, settings)) {
    changes.push({ type: 'changed', service, before: before.settings, after: settings });
  }
  const find = finder(before?.destinations ?? []);
  const found = new Set<WantedDestination>();
  for (const [index, wanted] of after.destinations.entries()) {
    const old = find(wanted.id, index);
    const place = { service, destination: wanted.id };
    if (old === undefined) changes.push({ type: 'added', ...place, after: wanted.settings });
    else {
      found.add(old);
      if (isSameDestination(old, wanted)) continue;
      changes.push({ type: 'changed', ...place, before: old.settings, after: wanted.settings });
    }
  }
  if (before !== undefined) kept.set(before, found);
  return changes;
}

/** Finds real servers in a list. Mostly both lists have the same order: no text is made for nothing. */
function finder(known: readonly WantedDestination[]) {
  let byText: Map<string, WantedDestination> | undefined;
  return (id: DestinationId, index: number): WantedDestination | undefined => {
    const likely = known[index];
    if (likely !== undefined && compareDestinations(likely.id, id) === 0) return likely;
    byText ??= byKey(known, formatDestinationId);
    return byText.get(formatDestinationId(id));
  };
}

function removals(
  before: WantedService,
  kept: ReadonlySet<WantedDestination> | undefined,
): TableChange[] {
  const { id: service, destinations } = before;
  const changes: TableChange[] = [];
  for (const one of destinations) {
    if (kept?.has(one) === true) continue;
    changes.push({ type: 'removed', service, destination: one.id, before: one.settings });
  }
  if (kept === undefined) changes.push({ type: 'removed', service, before: before.settings });
  return changes;
}

function isServiceRemoval({ type, destination }: TableChange): boolean {
  return type === 'removed' && destination === undefined;
}

const serviceOperation = { added: 'addService', changed: 'replaceService' } as const;
const destinationOperation = { added: 'addDestination', changed: 'replaceDestination' } as const;

/** The operation that makes a change. */
export function toOperation(change: TableChange): Operation {
  const { service } = change;
  if (change.destination === undefined) {
    if (change.type === 'removed') return { type: 'deleteService', service };
    return { type: serviceOperation[change.type], service, settings: change.after };
  }
  const { destination } = change;
  if (change.type === 'removed') return { type: 'deleteDestination', service, destination };
  const type = destinationOperation[change.type];
  return { type, service, destination, settings: change.after };
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
  return (
    one.scheduler === other.scheduler &&
    isSamePersistence(one.persistence, other.persistence) &&
    one.persistenceEngine === other.persistenceEngine &&
    one.onePacket === other.onePacket &&
    [...one.schedulerFlags].sort().join() === [...other.schedulerFlags].sort().join()
  );
}

function isSamePersistence(one: Persistence | undefined, other: Persistence | undefined): boolean {
  return (
    one?.timeoutSeconds === other?.timeoutSeconds &&
    one?.netmask?.toString() === other?.netmask?.toString() &&
    one?.prefixLength === other?.prefixLength
  );
}

/** Whether the kernel treats the settings of both alike. It finds out by itself which real servers are this machine (`local`). */
export function isSameDestination(
  { settings: one }: WantedDestination,
  { settings: other }: WantedDestination,
): boolean {
  return (
    asSet(one.forwardingMethod) === asSet(other.forwardingMethod) &&
    one.weight === other.weight &&
    one.upperThreshold === other.upperThreshold &&
    one.lowerThreshold === other.lowerThreshold &&
    one.tunnel?.type === other.tunnel?.type &&
    one.tunnel?.port === other.tunnel?.port &&
    one.tunnel?.checksum === other.tunnel?.checksum
  );
}

const asSet = (method: ForwardingMethod): ForwardingMethod => (method === 'local' ? 'dr' : method);
