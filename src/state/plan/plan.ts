import type {
  DestinationId,
  DestinationSettings,
  DestinationState,
} from '../../ipvs/model/destination.js';
import { formatDestinationId } from '../../ipvs/model/destination.js';
import { formatPlace } from '../../ipvs/model/place.js';
import { formatServiceId } from '../../ipvs/model/service.js';
import type { ServiceId, ServiceSettings } from '../../ipvs/model/service.js';
import type { Operation } from '../../ipvs/client/operations.js';
import { tableChanges, toOperation } from '../diff.js';
import type { TableChange } from '../diff.js';
import type { WantedDestination, WantedService } from '../table.js';

/** A table as the kernel has it, with the connections that its real servers have now. */
export interface CurrentService extends WantedService {
  readonly destinations: readonly CurrentServer[];
}

export type CurrentServer = WantedDestination &
  Partial<
    Pick<DestinationState, 'activeConnections' | 'inactiveConnections' | 'persistentConnections'>
  >;

/** Which services go that are not wanted: none, those in {@link PlanRequest.owned}, or all. */
export type Prune = 'none' | 'owned' | 'all';

export interface PlanRequest {
  readonly current: readonly CurrentService[];
  readonly wanted: readonly WantedService[];
  /** Default `none`. */
  readonly prune?: Prune | undefined;
  /** The services, as {@link formatServiceId} writes them, that may go with `owned`. */
  readonly owned?: ReadonlySet<string> | undefined;
  /** Whether real servers that exist keep their weight. Default false. */
  readonly keepWeights?: boolean | undefined;
}

/** One operation on the table. */
export interface PlanStep {
  readonly kind: 'table';
  readonly action: 'add' | 'change' | 'remove';
  readonly service: ServiceId;
  /** Undefined: the step is about the service itself. */
  readonly destination: DestinationId | undefined;
  /** How it is set now; undefined for what is added. */
  readonly from: ServiceSettings | DestinationSettings | undefined;
  /** How it will be set; undefined for what is removed. */
  readonly to: ServiceSettings | DestinationSettings | undefined;
  /** The real servers that lose their connections by it: it, or those of a service that goes. */
  readonly losers: readonly CurrentServer[];
  /** Connections that it cuts; 0 until {@link costOf} has counted them. */
  readonly cuts: number;
  readonly operation: Operation;
  /** What takes it back; undefined for a removal, whose connections are gone. */
  readonly undo: Operation | undefined;
}

/** The least operations that lead from one table to another, in the order to carry them out: what removes comes last. */
export interface Plan {
  readonly steps: readonly PlanStep[];
}

/**
 * Plans how a table becomes the wanted one: edits wherever the kernel can edit, additions before removals, and nothing for
 * what is right already. A service that is in both tables has a real server at every moment. Pure.
 *
 * @example
 * ```ts
 * import { plan, toWantedTable } from 'ipvs/state';
 *
 * const web = 'tcp:192.0.2.1:80';
 * const current = toWantedTable([{ service: web, destinations: [{ destination: '10.0.0.2:80' }] }]);
 * const wanted = toWantedTable([{ service: web, destinations: [{ destination: '10.0.0.3:80' }] }]);
 *
 * const { steps } = plan({ current, wanted });
 * console.log(steps.map(({ action }) => action).join()); // add,remove
 * ```
 */
export function plan(request: PlanRequest): Plan {
  const { current, prune = 'none', owned, keepWeights = false } = request;
  const wanted = keepWeights ? withKeptWeights(request) : request.wanted;
  const named = new Set(wanted.map(({ id }) => formatServiceId(id)));
  const mayGo = (key: string) => prune === 'all' || (prune === 'owned' && owned?.has(key) === true);
  const before = current.filter(({ id }) => {
    const key = formatServiceId(id);
    return named.has(key) || mayGo(key);
  });
  const changes = tableChanges(before, wanted);
  const servers = new Map(before.map((one) => [formatServiceId(one.id), one.destinations]));
  const gone = new Set(
    changes.filter(isServiceRemoval).map(({ service }) => formatServiceId(service)),
  );
  const steps = changes
    // Real servers go with their service.
    .filter((one) => one.destination === undefined || !gone.has(formatServiceId(one.service)))
    .map((change) => toStep(change, servers.get(formatServiceId(change.service)) ?? []));
  return { steps };
}

const actions = { added: 'add', changed: 'change', removed: 'remove' } as const;

function toStep(change: TableChange, servers: readonly CurrentServer[]): PlanStep {
  const { type, service, destination, before, after } = change;
  return {
    kind: 'table',
    action: actions[type],
    service,
    destination,
    from: before,
    to: after,
    losers: type === 'removed' ? losersOf(destination, servers) : [],
    cuts: 0,
    operation: toOperation(change),
    undo: type === 'removed' ? undefined : toOperation(reverse(change)),
  };
}

function reverse({ service, destination, before, after }: TableChange): TableChange {
  const type = before === undefined ? 'removed' : 'changed';
  return { type, service, destination, before: after, after: before } as TableChange;
}

function losersOf(
  destination: DestinationId | undefined,
  servers: readonly CurrentServer[],
): readonly CurrentServer[] {
  if (destination === undefined) return servers;
  const key = formatDestinationId(destination);
  return servers.filter(({ id }) => formatDestinationId(id) === key);
}

function isServiceRemoval({ type, destination }: TableChange): boolean {
  return type === 'removed' && destination === undefined;
}

function withKeptWeights({ current, wanted }: PlanRequest): WantedService[] {
  const weights = new Map<string, number>();
  for (const { id, destinations } of current) {
    for (const server of destinations)
      weights.set(formatPlace(id, server.id), server.settings.weight);
  }
  return wanted.map((service) => ({
    ...service,
    destinations: service.destinations.map((server) => {
      const weight = weights.get(formatPlace(service.id, server.id)) ?? server.settings.weight;
      return { ...server, settings: { ...server.settings, weight } };
    }),
  }));
}
