import type { IpvsClient } from '../../ipvs/client/client.js';
import { formatServiceId } from '../../ipvs/model/service.js';
import { checksOf } from '../config/checks-of.js';
import type { AgentConfig } from '../config/config.js';
import type { AgentReports } from '../control/control.js';
import type { EventJson } from '../control/shapes.js';
import type { TrafficJson } from '../control/traffic-shapes.js';
import type { CheckResult } from '../health/health.js';
import type { Clock } from '../run/clock.js';
import type { HealthStore } from '../run/health-store.js';
import { CheckCounts } from './check-counts.js';
import type { AgentFigures } from './health-metrics.js';
import { TableObserver } from './table-observer.js';
import { Traffic } from './traffic.js';

export interface ReportsOptions {
  readonly clock: Clock;
  readonly store: HealthStore;
  readonly open: () => Promise<IpvsClient>;
  readonly version: string;
  /** The release of the kernel. */
  readonly kernel: string;
  /** Whether checks are counted and rates are kept for an hour: only the page and Prometheus ask for that. */
  readonly isListening: boolean;
  /** How many times the agent has written to the table. */
  readonly table: { readonly writes: number };
  readonly figures: () => AgentFigures;
  /** Names of services that are not the agent's, by their keys. */
  readonly names: () => Promise<ReadonlyMap<string, string>>;
  /** {@link AgentReports.failure} */
  readonly failure: () => string | undefined;
}

/** Measures what goes on, for metrics, the page and whoever asks. */
export class Reports implements AgentReports {
  readonly #options: ReportsOptions;
  readonly #counts = new CheckCounts();
  readonly #observer: TableObserver;
  readonly #traffic: Traffic;

  constructor(options: ReportsOptions) {
    const { clock, open, isListening, table } = options;
    this.#options = options;
    this.#observer = new TableObserver(open, clock, () => table.writes);
    this.#traffic = new Traffic({ clock, observer: this.#observer, keepsHistory: isListening });
  }

  begin(): void {
    this.#traffic.begin();
  }

  async stop(): Promise<void> {
    this.#traffic.stop();
    await this.#observer.close();
  }

  onResult(check: string, services: readonly string[], result: CheckResult): void {
    if (this.#options.isListening) this.#counts.onResult(check, services, result);
  }

  onEvent(event: EventJson): void {
    if (this.#options.isListening) this.#counts.onEvent(event);
  }

  /** The configuration has changed. */
  configured(config: AgentConfig): void {
    if (!this.#options.isListening) return;
    const services = new Set(config.services.map(({ key }) => key));
    this.#counts.keep(services, new Set(checksOf(config).map(({ key }) => key)));
  }

  traffic(services?: readonly string[]): Promise<TrafficJson> {
    return this.#traffic.json(services);
  }

  /** @throws IpvsError when the table cannot be read. */
  async metrics(): Promise<Iterable<string>> {
    const { store, version, kernel, figures, names } = this.#options;
    const [{ directorText }, { healthText }] = await Promise.all([
      import('../../state/metrics/families.js'),
      import('./health-metrics.js'),
    ]);
    const [table, connectionTableSize, others] = await Promise.all([
      this.#observer.table(),
      this.#observer.tableSize(),
      names(),
    ]);
    const services = table.map(({ service, destinations }) => {
      const { id, statistics } = service;
      const key = formatServiceId(id);
      return {
        id,
        name: store.configs.get(key)?.name ?? others.get(key),
        statistics,
        destinations,
      };
    });
    const director = { version, kernel, connectionTableSize, totals: undefined, services };
    const counts = this.#counts;
    return (function* () {
      yield* directorText(director);
      yield* healthText(store, counts, figures());
    })();
  }

  failure(): string | undefined {
    return this.#options.failure();
  }
}
