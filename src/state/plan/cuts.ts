import { formatDestinationId } from '../../ipvs/model/destination.js';
import type { DestinationId } from '../../ipvs/model/destination.js';
import { formatEndpoint, formatServiceId, isMark } from '../../ipvs/model/service.js';
import type { ServiceId } from '../../ipvs/model/service.js';
import type { Connection, Endpoint } from '../../ipvs/proc/read-connections.js';
import type { CurrentServer, Plan, PlanStep } from './plan.js';

/** What counting needs of a client. */
export interface ConnectionSource {
  connections(options: { readonly batch: true }): AsyncIterable<readonly Connection[]>;
}

/**
 * Counts the connections that each step of a plan cuts, from the connection table: those of real servers that are removed,
 * whatever their forwarding method. The table is read only if one of them has connections.
 * @throws IpvsError when the connection table cannot be read.
 *
 * @example
 * ```ts
 * import { IpvsClient } from 'ipvs';
 * import { costOf, cutsOf, plan, readTable } from 'ipvs/state';
 *
 * await using client = await IpvsClient.open();
 * await client.addService('tcp:192.0.2.1:80');
 * const current = await readTable(client);
 *
 * const { steps } = await costOf(plan({ current, wanted: [], prune: 'all' }), client);
 * console.log(steps.length, cutsOf(steps)); // 1 0
 * ```
 */
export async function costOf({ steps }: Plan, source: ConnectionSource): Promise<Plan> {
  const counter = new CutCounter(steps);
  if (counter.isNeeded) {
    for await (const piece of source.connections({ batch: true })) {
      for (const connection of piece) counter.add(connection);
    }
  }
  return { steps: steps.map((step) => ({ ...step, cuts: counter.cutsOf(step) })) };
}

/** Connections that steps cut in all: the sum of their `cuts`. See {@link costOf}. */
export function cutsOf(steps: readonly { readonly cuts?: number }[]): number {
  return steps.reduce((sum, { cuts = 0 }) => sum + cuts, 0);
}

/** States of a connection over which nothing is sent any more. */
const ENDED: ReadonlySet<string> = new Set(['TIME_WAIT', 'CLOSE', 'CLOSED', 'LAST_ACK']);

/**
 * Whether an entry of the connection table is a connection that somebody would miss. Except with `nat`, the kernel sees
 * only what clients send, so after a client's end a connection stays in FIN_WAIT.
 * Source: net/netfilter/ipvs/ip_vs_proto_tcp.c, tcp_states.
 */
function isAlive({ state, source }: Connection, isNat: boolean): boolean {
  // Templates of persistent clients have no port.
  if (source.port === 0) return false;
  return !ENDED.has(state) && (isNat || state !== 'FIN_WAIT');
}

/** Counts connections by the real servers of a plan's steps. */
export class CutCounter {
  /** By the real server's text, then the service's. */
  readonly #counts = new Map<string, Map<string, { count: number; readonly isNat: boolean }>>();
  /** There are few endpoints, which many connections share. */
  readonly #texts = new WeakMap<Endpoint, string>();

  constructor(steps: readonly PlanStep[]) {
    for (const { service, losers } of steps) {
      for (const server of losers) if (hasConnections(server)) this.#expect(service, server);
    }
  }

  /** Whether any real server has connections to be counted. */
  get isNeeded(): boolean {
    return this.#counts.size > 0;
  }

  add(connection: Connection): void {
    const { protocol, virtual, destination } = connection;
    const services = this.#counts.get(this.#text(destination)) ?? this.#anyPort(destination);
    if (services === undefined) return;
    const end = this.#text(virtual);
    // An entry does not show the mark of its service: what no service with an address has is a mark's.
    const found =
      services.get(`${protocol}:${end}`) ??
      services.get(`${protocol}:${formatEndpoint(virtual.address, 0)}`) ??
      services.get(MARK);
    if (found !== undefined && isAlive(connection, found.isNat)) found.count += 1;
  }

  cutsOf({ service, losers }: PlanStep): number {
    const key = keyOf(service);
    return losers.reduce((sum, { id, activeConnections = 0 }) => {
      const counted = this.#counts.get(formatDestinationId(id))?.get(key)?.count ?? 0;
      // While others expire, the kernel passes over entries between two reads of its file; it counts the established ones itself.
      return sum + Math.max(counted, activeConnections);
    }, 0);
  }

  #expect(service: ServiceId, { id, settings }: CurrentServer): void {
    const key = formatDestinationId(id);
    const services = this.#counts.get(key) ?? new Map<string, never>();
    this.#counts.set(
      key,
      services.set(keyOf(service), { count: 0, isNat: settings.forwardingMethod === 'nat' }),
    );
  }

  #anyPort({ address }: DestinationId) {
    return this.#counts.get(formatEndpoint(address, 0));
  }

  #text(endpoint: Endpoint): string {
    let text = this.#texts.get(endpoint);
    if (text === undefined) {
      text = formatEndpoint(endpoint.address, endpoint.port);
      this.#texts.set(endpoint, text);
    }
    return text;
  }
}

const MARK = 'mark';
const keyOf = (service: ServiceId): string => (isMark(service) ? MARK : formatServiceId(service));

function hasConnections({ activeConnections = 0, inactiveConnections = 0 }: CurrentServer) {
  return activeConnections + inactiveConnections > 0;
}
