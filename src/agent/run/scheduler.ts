import type { ProbeOutcome } from '../checks/check-type.js';
import type { CheckResult, Moment } from '../health/health.js';
import type { Clock } from './clock.js';
import { LatenessMeter } from './lateness.js';
import type { Delay } from './lateness.js';
import { DueQueue } from './queue.js';

/** A check that is run again and again. */
export interface ScheduledCheck {
  readonly key: string;
  /** Over which its first run, and that after the machine was late, may be put off. */
  readonly intervalMs: number;
  /** A failure that took this long is a timeout. */
  readonly timeoutMs: number;
  /** Asks once. It never rejects. */
  run(): Promise<ProbeOutcome>;
  close?(): void;
}

export interface SchedulerEvents {
  /** @returns after how many milliseconds it is to be run again. */
  onResult(key: string, result: CheckResult): number;
  /** This machine could not ask: there is no result. @param reason why not. */
  onInconclusive(key: string, reason: string): void;
  /** This process was late: results of that time do not count. */
  onLate(late: Lateness): void;
}

export interface Lateness extends Delay {
  /** How many results were thrown away, or will be. While the process is busy: the first one. */
  readonly discarded: number;
}

interface Entry {
  readonly check: ScheduledCheck;
  dueMs: number;
  place: number;
  /** What had been lost when the current run began; undefined: no run is in progress. */
  running: Lost | undefined;
}

/** How late this process has been in all since it began. */
interface Lost {
  /** While nothing ran: no result of that time counts. */
  readonly stillMs: number;
  /** While it was busy: timeouts do not count. An answer or a refusal cannot be caused by that. */
  readonly busyMs: number;
}

/** A result counts if less than this part of the timeout was lost during the check. */
const LOST_PART = 1 / 4;

/** Checks that are due within so long are begun together: a wake-up costs more than a few milliseconds of precision. */
const TOGETHER_MS = 5;
/** How late the one timer may be before it is held that nothing ran. It is set no further ahead than this. */
const HEARTBEAT_MS = 250;

/**
 * Runs checks, never more than one run of each at a time, with one timer for all. First runs are spread evenly over an
 * interval, and later ones keep the phase that comes of it. What is found while the process stood still is thrown away.
 */
export class Scheduler {
  readonly #clock: Clock;
  readonly #events: SchedulerEvents;
  readonly #entries = new Map<string, Entry>();
  readonly #queue = new DueQueue<Entry>();
  readonly #running = new Set<Entry>();
  readonly #meter: LatenessMeter;
  #callOff: (() => void) | undefined;
  #lost: Lost = { stillMs: 0, busyMs: 0 };
  /** A busy time for which no discarded result has been reported yet. */
  #busy: Delay | undefined;

  constructor(clock: Clock, events: SchedulerEvents) {
    this.#clock = clock;
    this.#events = events;
    this.#meter = new LatenessMeter(clock);
  }

  /** Runs these from now on. Those whose keys it has already go on as they are; the others that it has end. */
  set(checks: readonly ScheduledCheck[]): void {
    const wanted = new Set(checks.map(({ key }) => key));
    for (const [key, entry] of this.#entries) {
      if (wanted.has(key)) continue;
      this.#entries.delete(key);
      this.#queue.remove(entry);
      entry.check.close?.();
    }
    const added: Entry[] = [];
    for (const check of checks) {
      if (this.#entries.has(check.key)) continue;
      const entry: Entry = { check, dueMs: 0, place: -1, running: undefined };
      this.#entries.set(check.key, entry);
      added.push(entry);
    }
    this.#spread(added, this.#clock.monotonicMs());
    this.#wait();
  }

  /** How late it ran checks at most within the last minute. */
  get worstDelayMs(): number {
    return this.#meter.worstMs;
  }

  has(key: string): boolean {
    return this.#entries.has(key);
  }

  /** Runs nothing any more. */
  stop(): void {
    this.set([]);
    this.#callOff?.();
    this.#callOff = undefined;
  }

  /** Puts checks into the queue, evenly over their interval; checks of one interval share it. */
  #spread(entries: readonly Entry[], nowMs: number): void {
    const groups = new Map<number, Entry[]>();
    for (const entry of entries) {
      const { intervalMs } = entry.check;
      const group = groups.get(intervalMs);
      if (group === undefined) groups.set(intervalMs, [entry]);
      else group.push(entry);
    }
    for (const [intervalMs, group] of groups) {
      for (const [index, entry] of group.entries()) {
        entry.dueMs = nowMs + (intervalMs * index) / group.length;
        this.#queue.add(entry);
      }
    }
  }

  #wait(): void {
    this.#callOff?.();
    this.#callOff = undefined;
    if (this.#entries.size === 0 && this.#running.size === 0) return;
    const now = this.#clock.monotonicMs();
    const next = Math.max(this.#queue.first()?.dueMs ?? Infinity, now + TOGETHER_MS);
    const wakeMs = Math.min(next, now + HEARTBEAT_MS);
    this.#meter.expect(wakeMs);
    this.#callOff = this.#clock.at(wakeMs, () => {
      this.#callOff = undefined;
      this.#wake();
    });
  }

  #wake(): void {
    this.#noticeLateness();
    const now = this.#clock.monotonicMs();
    for (let entry = this.#queue.takeDue(now); entry; entry = this.#queue.takeDue(now)) {
      this.#begin(entry);
    }
    this.#wait();
  }

  #begin(entry: Entry): void {
    entry.running = this.#lost;
    this.#running.add(entry);
    const startedMs = this.#clock.monotonicMs();
    void entry.check.run().then((outcome) => {
      this.#end(entry, outcome, startedMs);
    });
  }

  #end(entry: Entry, outcome: ProbeOutcome, startedMs: number): void {
    this.#noticeLateness();
    const { running } = entry;
    entry.running = undefined;
    this.#running.delete(entry);
    if (this.#entries.get(entry.check.key) !== entry) return;
    const now = this.#clock.monotonicMs();
    const isSilent = !outcome.passing && now - startedMs >= entry.check.timeoutMs;
    if (outcome.isInconclusive === true) {
      const { key, intervalMs } = entry.check;
      this.#events.onInconclusive(key, outcome.reason);
      entry.dueMs = nextInPhase(entry.dueMs, intervalMs, now);
    } else if (!this.#isLate(running, entry.check, isSilent)) {
      const at: Moment = { monotonicMs: now, wallMs: this.#clock.wallMs() };
      const delayMs = this.#events.onResult(
        entry.check.key,
        resultOf(outcome, at, now - startedMs),
      );
      // The listener may have taken the check away.
      if (this.#entries.get(entry.check.key) !== entry) return;
      entry.dueMs = nextInPhase(entry.dueMs, delayMs, now);
    } else {
      entry.dueMs = Math.max(entry.dueMs, now);
    }
    this.#queue.add(entry);
    // What is due sooner than the timer is set for must not wait for it.
    if (this.#queue.first() === entry && !this.#meter.isExpectedBy(entry.dueMs)) this.#wait();
  }

  /** Whether a result may be due to the lateness of this process. */
  #isLate(begun: Lost | undefined, { timeoutMs }: ScheduledCheck, isSilent: boolean): boolean {
    const { stillMs, busyMs } = this.#lostSince(begun);
    if (stillMs >= LOST_PART * timeoutMs) return true;
    if (!isSilent || stillMs + busyMs < LOST_PART * timeoutMs) return false;
    if (this.#busy !== undefined) this.#events.onLate({ ...this.#busy, discarded: 1 });
    this.#busy = undefined;
    return true;
  }

  #lostSince(begun: Lost | undefined): Lost {
    const { stillMs, busyMs } = this.#lost;
    return {
      stillMs: stillMs - (begun?.stillMs ?? 0),
      busyMs: busyMs - (begun?.busyMs ?? 0),
    };
  }

  /** After a stop, spreads overdue checks again, and those whose results do not count. */
  #noticeLateness(): void {
    const delay = this.#meter.takeLateness();
    if (delay === undefined) return;
    const { stillMs, busyMs } = this.#lost;
    if (delay.kind === 'busy') {
      this.#lost = { stillMs, busyMs: busyMs + delay.lateMs };
      this.#busy = delay;
      return;
    }
    this.#lost = { stillMs: stillMs + delay.lateMs, busyMs };
    const now = this.#clock.monotonicMs();
    const overdue: Entry[] = [];
    for (let entry = this.#queue.takeDue(now); entry; entry = this.#queue.takeDue(now)) {
      overdue.push(entry);
    }
    this.#spread(overdue, now);
    const discarded = [...this.#running].filter(({ running, check }) =>
      this.#isLate(running, check, false),
    );
    for (const [index, entry] of discarded.entries()) {
      entry.dueMs = now + (entry.check.intervalMs * index) / discarded.length;
    }
    this.#events.onLate({ ...delay, discarded: discarded.length });
  }
}

/** The first time after now that is a whole number of delays after the last one: a slow run shifts nobody's phase. */
function nextInPhase(lastMs: number, delayMs: number, nowMs: number): number {
  const next = lastMs + delayMs;
  if (next >= nowMs || delayMs <= 0) return Math.max(next, nowMs);
  return next + Math.ceil((nowMs - next) / delayMs) * delayMs;
}

/**
 * Written out, like the other objects that exist once for each server: in Node 20, an object made with a spread and further
 * keys gets a hidden class of its own, which is larger than the object.
 */
function resultOf(
  { passing, reason, request }: ProbeOutcome,
  at: Moment,
  durationMs: number,
): CheckResult {
  if (request === undefined) return { passing, reason, at, durationMs };
  return { passing, reason, at, durationMs, request };
}
