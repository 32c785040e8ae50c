import type { NewEvent } from '../control/shapes.js';
import type { Clock } from './clock.js';

/** How long a reason is not repeated, if it goes on. */
const QUIET_MS = 60_000;

/** Reports why checks could not be run: each reason once a minute, however many checks have it. */
export class InconclusiveChecks {
  readonly #clock: Clock;
  readonly #tell: (event: NewEvent) => void;
  readonly #reportedMs = new Map<string, number>();

  constructor(clock: Clock, tell: (event: NewEvent) => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  report(check: string, reason: string): void {
    const now = this.#clock.monotonicMs();
    for (const [other, reportedMs] of this.#reportedMs) {
      if (now - reportedMs >= QUIET_MS) this.#reportedMs.delete(other);
    }
    if (this.#reportedMs.has(reason)) return;
    this.#reportedMs.set(reason, now);
    const text = `this machine cannot check: ${reason}; that does not count against servers (first: ${check})`;
    this.#tell({ type: 'agent', severity: 'error', reason: text });
  }
}
