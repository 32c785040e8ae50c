import type { NewEvent } from '../control/shapes.js';
import { momentOf } from './clock.js';
import type { Clock } from './clock.js';
import type { HealthStore } from './health-store.js';
import type { Overrides } from './overrides.js';

export interface DeciderOptions {
  readonly clock: Clock;
  readonly store: HealthStore;
  readonly overrides: Overrides;
  readonly onEvent: (event: NewEvent) => void;
  /** Something was decided. @param moved the services that are to be written. */
  readonly onDecided: (moved: readonly string[]) => void;
}

/** A service of thousands of servers takes its time: deciding takes no more than about this part of it. */
const PART_OF_TIME = 10;

/** Decides about services when there is news of them: together about those of which news comes together. */
export class Decider {
  readonly #options: DeciderOptions;
  readonly #waiting = new Set<string>();
  #callOff: (() => void) | undefined;
  /** Before this, only what cannot wait is decided. */
  #earliestMs = 0;
  /** When to decide again about services whose weights grow. */
  readonly #again = new Map<string, number>();
  #callOffAgain: (() => void) | undefined;

  constructor(options: DeciderOptions) {
    this.#options = options;
  }

  /** Decides in a moment. */
  soon(services: Iterable<string>): void {
    for (const service of services) this.#waiting.add(service);
    if (this.#waiting.size === 0 || this.#callOff !== undefined) return;
    const { clock } = this.#options;
    const when = Math.max(clock.monotonicMs(), this.#earliestMs);
    this.#callOff = clock.at(when, () => {
      this.#callOff = undefined;
      this.now();
    });
  }

  /** Decides now, also about what was to be decided soon. */
  now(services: Iterable<string> = []): void {
    for (const service of services) this.#waiting.add(service);
    if (this.#waiting.size === 0) return;
    const { clock, store, overrides, onEvent, onDecided } = this.#options;
    const now = momentOf(clock);
    const moved: string[] = [];
    for (const key of this.#waiting) {
      const verdict = store.decide(key, overrides.for(key), now);
      for (const event of verdict?.events ?? []) onEvent(event);
      if (verdict?.isMoved === true) moved.push(key);
      const againAtMs = verdict?.decision.againAtMs;
      if (againAtMs === undefined) this.#again.delete(key);
      else this.#again.set(key, againAtMs);
    }
    this.#waiting.clear();
    onDecided(moved);
    const endMs = clock.monotonicMs();
    this.#earliestMs = endMs + PART_OF_TIME * (endMs - now.monotonicMs);
    this.#waitAgain();
  }

  stop(): void {
    this.#callOff?.();
    this.#callOffAgain?.();
  }

  #waitAgain(): void {
    this.#callOffAgain?.();
    this.#callOffAgain = undefined;
    if (this.#again.size === 0) return;
    const next = [...this.#again.values()].reduce((one, other) => Math.min(one, other));
    const { clock } = this.#options;
    this.#callOffAgain = clock.at(next, () => {
      const now = clock.monotonicMs();
      this.now([...this.#again].filter(([, at]) => at <= now).map(([key]) => key));
    });
  }
}
