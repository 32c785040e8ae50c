import type { Clock } from './clock.js';

/** From here on it is held that the process stood still. */
const STOOD_STILL_MS = 1000;
/** A timer that is later than this adds to it: what is less is usual under load, and happens hundreds of times a second. */
const NOTABLE_MS = 100;
/** Lateness of single timers adds up as long as they follow each other within this time. */
const MEMORY_MS = 2000;

/**
 * Notices when this process did not run: its timers come late, one by much or many by a little, or the machine was asleep,
 * during which the monotonic clock stands still and the others do not.
 */
export class LatenessMeter {
  readonly #clock: Clock;
  #expectedMs = Infinity;
  /** How late timers were of late. */
  #lately: { readonly sinceMs: number; lateMs: number } | undefined;
  #wallAheadMs: number;
  #sleptMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#wallAheadMs = clock.wallMs() - clock.monotonicMs();
    this.#sleptMs = clock.bootMs() - clock.monotonicMs();
  }

  /** When the next timer is due. */
  expect(timeMs: number): void {
    this.#expectedMs = timeMs;
  }

  /** Whether a timer is due by then. */
  isExpectedBy(timeMs: number): boolean {
    return this.#expectedMs <= timeMs;
  }

  /** For how long nothing ran, if that is long; each such time is given once. */
  takeLateness(): number | undefined {
    const lateMs = Math.max(this.#timersLateMs(), this.#takeSleep());
    return lateMs >= STOOD_STILL_MS ? lateMs : undefined;
  }

  #timersLateMs(): number {
    const now = this.#clock.monotonicMs();
    const lateMs = Math.max(0, now - this.#expectedMs);
    if (lateMs >= STOOD_STILL_MS) {
      this.#lately = undefined;
      this.#expectedMs = now;
      return lateMs;
    }
    if (lateMs < NOTABLE_MS) return 0;
    // Counted once: the timer itself comes next.
    this.#expectedMs = now;
    if (this.#lately === undefined || now - this.#lately.sinceMs > MEMORY_MS) {
      this.#lately = { sinceMs: now, lateMs: 0 };
    }
    this.#lately.lateMs += lateMs;
    const sum = this.#lately.lateMs;
    if (sum >= STOOD_STILL_MS) this.#lately = undefined;
    return sum;
  }

  /** The wall clock is ahead after a sleep, and also when somebody has set it: another clock tells which it was. */
  #takeSleep(): number {
    const aheadMs = this.#clock.wallMs() - this.#clock.monotonicMs();
    const jumpMs = aheadMs - this.#wallAheadMs;
    this.#wallAheadMs = aheadMs;
    if (jumpMs < STOOD_STILL_MS) return 0;
    const before = this.#sleptMs;
    this.#sleptMs = this.#clock.bootMs() - this.#clock.monotonicMs();
    return this.#sleptMs - before;
  }
}
