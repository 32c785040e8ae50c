import type { Clock } from './clock.js';

/** From here on it is held that the process stood still. */
const STOOD_STILL_MS = 1000;
/** A timer that is later than this adds to it: what is less is usual under load, and happens hundreds of times a second. */
const NOTABLE_MS = 100;
/** Lateness of single timers adds up as long as they follow each other within this time. */
const MEMORY_MS = 2000;

/** For how long the worst is remembered, and in what steps. */
const WORST_MS = 60_000;
const BUCKET_MS = 5000;

export interface Delay {
  /** `busy`: many timers were late, each by less than a second. */
  readonly kind: 'stood-still' | 'busy';
  /** In all. */
  readonly lateMs: number;
}

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
  readonly #worst: { readonly untilMs: number; lateMs: number }[] = [];

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

  /** How late this process was, if that is much; each such time is given once. */
  takeLateness(): Delay | undefined {
    const now = this.#clock.monotonicMs();
    const lateMs = Math.max(0, now - this.#expectedMs);
    this.#note(now, lateMs);
    // Counted once: the timer itself comes next.
    if (lateMs >= NOTABLE_MS) this.#expectedMs = now;
    const stillMs = Math.max(lateMs, this.#takeSleep());
    if (stillMs >= STOOD_STILL_MS) {
      this.#lately = undefined;
      return { kind: 'stood-still', lateMs: stillMs };
    }
    const sumMs = lateMs < NOTABLE_MS ? 0 : this.#add(now, lateMs);
    return sumMs >= STOOD_STILL_MS ? { kind: 'busy', lateMs: sumMs } : undefined;
  }

  /** How late a timer was at most within the last minute. */
  get worstMs(): number {
    this.#dropOld(this.#clock.monotonicMs());
    return this.#worst.reduce((worst, { lateMs }) => Math.max(worst, lateMs), 0);
  }

  #note(now: number, lateMs: number): void {
    const last = this.#worst.at(-1);
    if (last !== undefined && now < last.untilMs) last.lateMs = Math.max(last.lateMs, lateMs);
    else {
      this.#dropOld(now);
      this.#worst.push({ untilMs: now + BUCKET_MS, lateMs });
    }
  }

  #dropOld(now: number): void {
    while ((this.#worst[0]?.untilMs ?? Infinity) < now - WORST_MS) this.#worst.shift();
  }

  /** @returns how late timers have been of late, in all. */
  #add(now: number, lateMs: number): number {
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
