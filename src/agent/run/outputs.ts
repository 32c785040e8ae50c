import type { AgentConfig } from '../config/config.js';
import type { EventRing } from '../control/event-ring.js';
import type { NewEvent } from '../control/shapes.js';
import { Hooks } from '../hooks/hooks.js';
import { quorumSignals, QuorumSignals } from '../quorum/quorum-signals.js';
import type { QuorumSystem } from '../quorum/quorum-system.js';
import { Readiness } from '../quorum/readiness.js';
import type { Clock } from './clock.js';
import type { HealthStore } from './health-store.js';

export interface OutputsOptions {
  readonly system: QuorumSystem;
  readonly store: HealthStore;
  readonly events: EventRing;
  readonly clock: Clock;
  /** Waits until the table is what has been decided. */
  readonly tableIsWritten: () => Promise<void>;
  readonly tell: (event: NewEvent) => void;
}

/** What the agent tells others: events to programs and URLs, the quorum to routers and keepalived. */
export class Outputs {
  readonly #hooks: Hooks;
  readonly #signals: QuorumSignals;
  readonly #unsubscribe: () => void;
  #hasSignals = false;

  constructor({ system, store, events, clock, tableIsWritten, tell }: OutputsOptions) {
    this.#hooks = new Hooks(tell);
    this.#signals = new QuorumSignals({
      ...{ system, tableIsWritten, tell },
      readiness: new Readiness(store, () => clock.monotonicMs()),
      wanted: () => quorumSignals(store.configs.values(), (key) => store.decisions.get(key)),
    });
    this.#unsubscribe = events.subscribe((event) => {
      this.#hooks.onEvent(event);
    });
  }

  use(config: AgentConfig): void {
    this.#hooks.use(config);
    const { services } = config;
    const had = this.#hasSignals;
    this.#hasSignals = services.some((one) => (one.announce ?? one.trackFile) !== undefined);
    if (had && !this.#hasSignals) this.#signals.update();
  }

  /** Called after each decision, which may have changed a quorum. */
  decided(): void {
    if (this.#hasSignals) this.#signals.update();
  }

  /** Called after each result. @param services those that have the check. */
  onResult(services: readonly string[]): void {
    if (services.some((service) => this.#signals.waitsFor(service))) this.#signals.update();
  }

  refresh(): void {
    this.#signals.refresh();
  }

  withdraw(): Promise<void> {
    return this.#signals.withdraw();
  }

  async stop(): Promise<void> {
    await this.#signals.settled();
    await this.#hooks.stop();
    this.#unsubscribe();
  }
}
