import type { NewEvent } from '../control/shapes.js';
import type { Clock } from './clock.js';

/** A reason is told again after so long, if it goes on. */
const QUIET_MS = 60_000;

/** Tells why checks could not be run: each reason once a minute, however many checks have it. */
export class InconclusiveChecks {
  readonly #clock: Clock;
  readonly #tell: (event: NewEvent) => void;
  readonly #toldMs = new Map<string, number>();

  constructor(clock: Clock, tell: (event: NewEvent) => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  tell(check: string, reason: string): void {
    const now = this.#clock.monotonicMs();
    for (const [other, toldMs] of this.#toldMs) {
      if (now - toldMs >= QUIET_MS) this.#toldMs.delete(other);
    }
    if (this.#toldMs.has(reason)) return;
    this.#toldMs.set(reason, now);
    const text = `this machine cannot check: ${reason}; that does not count against servers (first: ${check})`;
    this.#tell({ type: 'agent', severity: 'error', reason: text });
  }
}
