import type { Destination } from '../../ipvs/model/destination.js';
import type { ServerStatusJson, ServiceStatusJson } from '../../agent/control/shapes.js';
import { formatDestinationId } from '../../ipvs/model/destination.js';
import { isFull } from '../../ipvs/model/overload.js';
import { formatServiceId } from '../../ipvs/model/service.js';
import type { ServiceSettings, VirtualService } from '../../ipvs/model/service.js';
import type { Rates } from '../../ipvs/model/statistics.js';
import { sumOfRates } from '../../state/counters.js';
import { RateBook } from './rates.js';
import type { Track } from './rates.js';

/** A virtual service as it is shown. */
export interface ServiceRow extends Track {
  readonly kind: 'service';
  /** As `formatServiceId` writes it. */
  readonly key: string;
  /** The name that a state file gave it; empty without one. */
  readonly name: string;
  readonly settings: ServiceSettings;
  /** What the agent knows of it, if one runs and has it. */
  readonly health?: Pick<ServiceStatusJson, 'state' | 'up' | 'servers'> | undefined;
}

/** A real server as it is shown. */
export interface ServerRow extends Track {
  readonly kind: 'server';
  /** As `formatDestinationId` writes it. */
  readonly key: string;
  readonly method: string;
  readonly weight: number;
  readonly active: number;
  readonly inactive: number;
  readonly persistent: number;
  readonly isFull: boolean;
  /** What the agent knows of it. */
  readonly health?: Pick<ServerStatusJson, 'state' | 'reason'> | undefined;
}

export type Row = ServiceRow | ServerRow;

/** A service with its real servers. */
export interface Opened {
  readonly key: string;
  /** Undefined: there is no such service any more. */
  readonly servers: readonly ServerRow[] | undefined;
}

/** What is known at a moment. */
export interface Sample {
  /** `2026-11-29 14:02:11`. */
  readonly clock: string;
  readonly services: readonly ServiceRow[];
  /** Of all services together. */
  readonly total: Rates;
}

/** What an agent knows, by the keys of services. */
export type HealthByService = ReadonlyMap<string, ServiceStatusJson>;

const NO_HEALTH: HealthByService = new Map();

export type NamedVirtualService = VirtualService & { readonly name?: string | undefined };

/** Makes samples of what was read, with rates since the reading before. */
export class Sampler {
  readonly #services = new RateBook();
  #servers = new RateBook();
  #opened: string | undefined;

  /** @param nowMs of a clock that is never set back. */
  sample(
    services: readonly NamedVirtualService[],
    clock: string,
    nowMs: number,
    health = NO_HEALTH,
  ): Sample {
    const keys = services.map(({ id }) => formatServiceId(id));
    const counters = services.map(
      ({ statistics }, index) => [keys[index] ?? '', statistics] as const,
    );
    this.#services.read(counters, nowMs);
    const rows = services.map(({ settings, name = '' }, index): ServiceRow => {
      const key = keys[index] ?? '';
      const { rates, history } = this.#services.of(key);
      const own = { key, name, settings, rates, history, health: health.get(key) };
      return { kind: 'service', ...own };
    });
    return { clock, services: rows, total: sumOfRates(rows.map(({ rates }) => rates)) };
  }

  /** The real servers of a service; undefined when there is no such service. */
  open(
    key: string,
    servers: readonly Destination[] | undefined,
    nowMs: number,
    health = NO_HEALTH,
  ): Opened {
    // Rates of the one that was opened before are old.
    if (this.#opened !== key) this.#servers = new RateBook();
    this.#opened = key;
    const all = servers ?? [];
    const keys = all.map(({ id }) => formatDestinationId(id));
    const counters = all.map(({ statistics }, index) => [keys[index] ?? '', statistics] as const);
    this.#servers.read(counters, nowMs);
    const known = new Map(health.get(key)?.servers.map((status) => [status.server, status]));
    const rows = all.map((server, index): ServerRow => {
      const name = keys[index] ?? '';
      return { ...serverRow(server, name, this.#servers), health: known.get(name) };
    });
    return { key, servers: servers && rows };
  }
}

function serverRow(server: Destination, key: string, book: RateBook): ServerRow {
  const { rates, history } = book.of(key);
  return {
    kind: 'server',
    key,
    method: server.settings.forwardingMethod,
    weight: server.settings.weight,
    active: server.activeConnections,
    inactive: server.inactiveConnections,
    persistent: server.persistentConnections,
    isFull: isFull(server),
    rates,
    history,
  };
}
