import type { Clock } from '../../src/agent/run/clock.js';

/** A clock that tests move. */
export interface FakeClock extends Clock {
  /** Moves on, calls what is due in its order, and lets promises settle in between. */
  advance(milliseconds: number): Promise<void>;
  /** Moves on without anything being called, as when the process is stopped. */
  standStill(milliseconds: number): void;
  /** The machine sleeps: the monotonic clock stands still. */
  sleep(milliseconds: number): void;
  /** Somebody sets the wall clock. */
  setWall(byMilliseconds: number): void;
  readonly timers: number;
}

interface Timer {
  readonly dueMs: number;
  readonly call: () => void;
}

/** 2026-11-30T06:00:00Z. */
const START_WALL_MS = Date.UTC(2026, 10, 30, 6);

export function fakeClock(startMs = 1_000_000): FakeClock {
  let now = startMs;
  let aheadMs = START_WALL_MS - startMs;
  let sleptMs = 0;
  const timers = new Set<Timer>();
  const settle = async () => {
    for (let turn = 0; turn < 8; turn += 1) await Promise.resolve();
  };
  const nextBy = (end: number): Timer | undefined => {
    let next: Timer | undefined;
    for (const timer of timers) {
      if (timer.dueMs <= end && (next === undefined || timer.dueMs < next.dueMs)) next = timer;
    }
    return next;
  };
  return {
    monotonicMs: () => now,
    wallMs: () => now + aheadMs,
    bootMs: () => now + sleptMs,
    at: (dueMs, call) => {
      const timer = { dueMs, call };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    get timers() {
      return timers.size;
    },
    advance: async (milliseconds) => {
      const end = now + milliseconds;
      await settle();
      for (let timer = nextBy(end); timer !== undefined; timer = nextBy(end)) {
        timers.delete(timer);
        now = Math.max(now, timer.dueMs);
        timer.call();
        await settle();
      }
      now = end;
    },
    standStill: (milliseconds) => {
      now += milliseconds;
    },
    sleep: (milliseconds) => {
      aheadMs += milliseconds;
      sleptMs += milliseconds;
    },
    setWall: (byMilliseconds) => {
      aheadMs += byMilliseconds;
    },
  };
}
