import type { Moment } from '../health/health.js';

/** Time, and being called at one. Tests have another, which they move by hand. */
export interface Clock {
  /** CLOCK_MONOTONIC: the same for all processes until the machine restarts. It stands still while the machine sleeps. */
  monotonicMs(): number;
  /** Since 1970. It may jump. */
  wallMs(): number;
  /** CLOCK_BOOTTIME: like the first, but it goes on while the machine sleeps. Reading it is slow. */
  bootMs(): number;
  /** Calls back once, not before that time by {@link monotonicMs}. @returns what calls it off. */
  at(monotonicMs: number, call: () => void): () => void;
}

/** What both clocks show. */
export function momentOf(clock: Clock): Moment {
  return { monotonicMs: clock.monotonicMs(), wallMs: clock.wallMs() };
}

/** More than this a timer cannot wait; it is set again then. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The clocks of the machine. */
export function systemClock({ monotonicMs, bootMs }: Pick<Clock, 'monotonicMs' | 'bootMs'>): Clock {
  const at = (time: number, call: () => void): (() => void) => {
    let timer: NodeJS.Timeout;
    const wait = (): void => {
      const left = Math.ceil(time - monotonicMs());
      if (left > LONGEST_TIMER_MS) timer = setTimeout(wait, LONGEST_TIMER_MS);
      else timer = setTimeout(call, Math.max(0, left));
    };
    wait();
    return () => {
      clearTimeout(timer);
    };
  };
  return { monotonicMs, bootMs, wallMs: () => Date.now(), at };
}
