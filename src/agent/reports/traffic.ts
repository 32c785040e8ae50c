import type { ServiceEntry } from '../../ipvs/client/client.js';
import { formatDestinationId } from '../../ipvs/model/destination.js';
import type { Destination } from '../../ipvs/model/destination.js';
import { formatServiceId } from '../../ipvs/model/service.js';
import { sumOfRates } from '../../state/counters.js';
import { connectionCountsJson } from '../../state/service-json.js';
import type { ConnectionCountsJson } from '../../state/service-json.js';
import type { Clock } from '../run/clock.js';
import { isoTime } from '../run/status.js';
import type {
  HistoryJson,
  ServerTrafficJson,
  ServiceTrafficJson,
  TrafficJson,
} from '../control/traffic-shapes.js';
import type { TableObserver } from './table-observer.js';
import { INTERVAL_MS, TrafficHistory } from './traffic-history.js';

export interface TrafficOptions {
  readonly clock: Clock;
  readonly observer: TableObserver;
  /** Whether rates are kept for an hour. */
  readonly keepsHistory: boolean;
}

const NONE: HistoryJson = {
  connectionsPerSecond: [],
  incomingBytesPerSecond: [],
  outgoingBytesPerSecond: [],
};

/** Connections and rates of services: now, and over the last hour. */
export class Traffic {
  readonly #options: TrafficOptions;
  readonly #history = new TrafficHistory();
  #callOff: (() => void) | undefined;

  constructor(options: TrafficOptions) {
    this.#options = options;
  }

  /** Reads the counters from now on. */
  begin(): void {
    if (this.#options.keepsHistory) this.#readIn(0);
  }

  stop(): void {
    this.#callOff?.();
    this.#callOff = undefined;
  }

  /** @throws IpvsError when the table cannot be read. */
  async json(services?: readonly string[]): Promise<TrafficJson> {
    const { observer } = this.#options;
    const shown = await (services === undefined ? observer.table() : observer.some(services));
    const all = await observer.services();
    const { wallMs } = this.#history;
    return {
      schemaVersion: 1,
      ...(wallMs !== undefined && { time: isoTime(wallMs) }),
      intervalSeconds: INTERVAL_MS / 1000,
      total: {
        rates: sumOfRates(all.map(({ statistics }) => statistics.rates)),
        history: this.#history.total,
      },
      services: shown.map((entry) =>
        services === undefined ? serviceJson(entry) : this.#detailed(entry),
      ),
    };
  }

  #detailed(entry: ServiceEntry): ServiceTrafficJson {
    const json = serviceJson(entry);
    const history = this.#history.of(json.service) ?? NONE;
    return {
      ...json,
      history,
      servers: entry.destinations.map(serverJson),
    };
  }

  /** Keeps to the same distance, however late a reading was: a plot needs even points. */
  #readIn(milliseconds: number): void {
    const { clock } = this.#options;
    const dueMs = clock.monotonicMs() + milliseconds;
    this.#callOff = clock.at(dueMs, () => {
      void this.#read().finally(() => {
        if (this.#callOff === undefined) return;
        const lateMs = clock.monotonicMs() - dueMs;
        this.#readIn(INTERVAL_MS - (lateMs % INTERVAL_MS));
      });
    });
  }

  async #read(): Promise<void> {
    const { clock, observer } = this.#options;
    try {
      const services = await observer.servicesNow();
      const reading = new Map(
        services.map(({ id, statistics }) => [formatServiceId(id), statistics] as const),
      );
      this.#history.add(reading, clock.monotonicMs(), clock.wallMs());
    } catch {
      // The reconciler says so. The history has a gap.
    }
  }
}

function serviceJson({ service, destinations }: ServiceEntry): ServiceTrafficJson {
  const { id, statistics } = service;
  const all = destinations.map(connectionCountsJson);
  const sum = (name: keyof ConnectionCountsJson): number =>
    all.reduce((total, counts) => total + counts[name], 0);
  return {
    service: formatServiceId(id),
    connections: {
      active: sum('active'),
      inactive: sum('inactive'),
      persistent: sum('persistent'),
    },
    rates: statistics.rates,
  };
}

function serverJson(server: Destination): ServerTrafficJson {
  const { id, settings, statistics } = server;
  return {
    server: formatDestinationId(id),
    weight: settings.weight,
    connections: connectionCountsJson(server),
    rates: statistics.rates,
  };
}
