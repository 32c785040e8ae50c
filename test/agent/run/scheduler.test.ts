import { describe, expect, test } from 'vitest';
import type { ProbeOutcome } from '../../../src/agent/checks/check-type.js';
import { Scheduler } from '../../../src/agent/run/scheduler.js';
import type { Lateness, ScheduledCheck } from '../../../src/agent/run/scheduler.js';
import { fakeClock } from '../../support/fake-clock.js';
import type { FakeClock } from '../../support/fake-clock.js';

const PASSED: ProbeOutcome = { passing: true, reason: 'connected' };
const FAILED: ProbeOutcome = { passing: false, reason: 'it fails' };

interface Ran {
  readonly key: string;
  readonly atMs: number;
}

/** Checks that are run on a clock of the test's own, and what came of it. */
function scene(clock: FakeClock, delayMs: number | ((key: string) => number) = 2000) {
  const start = clock.monotonicMs();
  const begun: Ran[] = [];
  const counted: string[] = [];
  const late: Lateness[] = [];
  const outcomes = new Map<string, ProbeOutcome>();
  const scheduler = new Scheduler(clock, {
    onResult: (key) => {
      counted.push(key);
      return typeof delayMs === 'number' ? delayMs : delayMs(key);
    },
    onInconclusive: () => undefined,
    onLate: (one) => late.push(one),
  });
  /** @param takesMs how long a run takes. */
  const check = (key: string, takesMs = 0, intervalMs = 2000): ScheduledCheck => ({
    key,
    intervalMs,
    timeoutMs: 2000,
    run: () => {
      begun.push({ key, atMs: clock.monotonicMs() - start });
      const outcome = outcomes.get(key) ?? PASSED;
      if (takesMs === 0) return Promise.resolve(outcome);
      return new Promise((resolve) => {
        clock.at(clock.monotonicMs() + takesMs, () => {
          resolve(outcome);
        });
      });
    },
  });
  const timesOf = (key: string) => begun.filter((one) => one.key === key).map((one) => one.atMs);
  /** What a check finds out from now on. */
  const answer = (key: string, outcome: ProbeOutcome) => {
    outcomes.set(key, outcome);
  };
  return { scheduler, check, answer, begun, counted, late, timesOf };
}

describe('checks on time', () => {
  test('first runs are spread evenly over the interval, and later ones keep their phase', async () => {
    const clock = fakeClock();
    const { scheduler, check, timesOf } = scene(clock);
    scheduler.set(['a', 'b', 'c', 'd'].map((key) => check(key)));
    await clock.advance(5000);
    expect(timesOf('a').map((at) => Math.round(at / 100))).toEqual([0, 20, 40]);
    expect(timesOf('b')).toEqual([500, 2500, 4500]);
    expect(timesOf('d')).toEqual([1500, 3500]);
  });

  test('a run that takes longer than the interval is followed by the next one, never joined by it', async () => {
    const clock = fakeClock();
    const { scheduler, check, timesOf, counted } = scene(clock, 1000);
    scheduler.set([check('slow', 2500)]);
    await clock.advance(10_000);
    const times = timesOf('slow').map((at) => Math.round(at / 100));
    expect(times).toEqual([0, 30, 60, 90]);
    expect(counted).toHaveLength(3);
  });

  test('the result decides when the next run is', async () => {
    const clock = fakeClock();
    let runs = 0;
    const { scheduler, check, timesOf } = scene(clock, () => (runs++ === 0 ? 1000 : 5000));
    scheduler.set([check('a'), check('b')]);
    await clock.advance(7500);
    expect(timesOf('a').map((at) => Math.round(at / 100))).toEqual([0, 10, 60]);
  });

  test('a check that stays in the list keeps its phase; one that leaves it is not run again, and its run does not count', async () => {
    const clock = fakeClock();
    const { scheduler, check, timesOf, counted } = scene(clock);
    let closed = 0;
    const leaver = { ...check('leaver', 1000), close: () => void (closed += 1) };
    scheduler.set([check('stays'), leaver]);
    await clock.advance(1200);
    scheduler.set([check('stays'), check('new')]);
    await clock.advance(3000);
    expect(timesOf('stays').map((at) => Math.round(at / 100))).toEqual([0, 20, 40]);
    expect(timesOf('leaver')).toEqual([1000]);
    expect(counted).not.toContain('leaver');
    expect(closed).toBe(1);
    expect(timesOf('new').length).toBeGreaterThan(0);
  });

  test('when it is stopped, no timer is left', async () => {
    const clock = fakeClock();
    const { scheduler, check } = scene(clock);
    scheduler.set([check('a')]);
    await clock.advance(100);
    scheduler.stop();
    expect(clock.timers).toBe(0);
  });

  test('50,000 checks take one timer, keep to their times, and run the same way each time', async () => {
    const run = async (): Promise<string> => {
      const clock = fakeClock();
      const { scheduler, check, begun } = scene(clock, 10_000);
      scheduler.set(Array.from({ length: 50_000 }, (_, n) => check(`check ${n}`, 0, 10_000)));
      expect(clock.timers).toBe(1);
      await clock.advance(20_000);
      expect(begun.length).toBeGreaterThanOrEqual(99_999);
      const worst = begun.reduce((most, { key, atMs }) => {
        const phase = Number(key.slice(6)) / 5;
        return Math.max(most, (atMs - phase) % 10_000);
      }, 0);
      expect(worst).toBeLessThan(10);
      return begun.map(({ key, atMs }) => `${key}@${atMs}`).join();
    };
    expect((await run()) === (await run())).toBe(true);
  });
});

test('a check that this machine could not run does not count, and is run again in an interval', async () => {
  const clock = fakeClock();
  const { scheduler, check, answer, counted, timesOf } = scene(clock);
  scheduler.set([check('a')]);
  answer('a', { ...FAILED, isInconclusive: true });
  await clock.advance(5000);
  expect([counted, timesOf('a').length]).toEqual([[], 3]);
  answer('a', PASSED);
  await clock.advance(2000);
  expect(counted).toEqual(['a']);
});

describe('a process that was late', () => {
  test('throws away what it found meanwhile, says so, and runs the checks again, spread', async () => {
    const clock = fakeClock();
    const { scheduler, check, counted, late, begun } = scene(clock);
    const keys = Array.from({ length: 20 }, (_, n) => `check ${n}`);
    scheduler.set(keys.map((key) => check(key, 500)));
    await clock.advance(1000);
    const before = counted.length;
    const ran = begun.length;
    expect(ran - before).toBeGreaterThan(3);
    clock.standStill(60_000);
    await clock.advance(0);
    expect(counted).toHaveLength(before);
    expect(late).toEqual([
      { kind: 'stood-still', lateMs: expect.any(Number) as number, discarded: ran - before },
    ]);
    expect(late[0]?.lateMs).toBeGreaterThan(59_000);
    const again = begun.length;
    await clock.advance(100);
    // No burst: of the twenty, those of a twentieth of the interval, and those thrown away likewise.
    expect(begun.length - again).toBeLessThanOrEqual(4);
    await clock.advance(2000);
    expect(new Set(begun.slice(again).map(({ key }) => key)).size).toBe(20);
    expect(late).toHaveLength(1);
  });

  test('whose timers are all a little late counts every answer, and no silence', async () => {
    const clock = fakeClock();
    const { scheduler, check, counted, late, answer } = scene(clock, 250);
    const busy = async () => {
      for (let turn = 0; turn < 4; turn += 1) {
        clock.standStill(700);
        await clock.advance(0);
      }
    };
    // It begins before the busy time, and ends in it.
    scheduler.set([check('silent', 2000, 250)]);
    answer('silent', FAILED);
    await clock.advance(10);
    await busy();
    expect(counted).toEqual([]);
    expect(late).toEqual([{ kind: 'busy', lateMs: expect.any(Number) as number, discarded: 1 }]);
    scheduler.set([check('refuses', 100, 250)]);
    answer('refuses', FAILED);
    await clock.advance(10);
    await busy();
    expect(counted).toContain('refuses');
    expect(late).toHaveLength(1);
  });

  test('does not hold a short stop against a check that waits long', async () => {
    const clock = fakeClock();
    const { scheduler, check, counted, late } = scene(clock);
    scheduler.set([{ ...check('patient', 10_000), timeoutMs: 10_000 }, check('quick', 1500)]);
    await clock.advance(1200);
    clock.standStill(1500);
    await clock.advance(9000);
    expect(late).toEqual([
      { kind: 'stood-still', lateMs: expect.any(Number) as number, discarded: 1 },
    ]);
    expect(counted).toContain('patient');
  });

  test('a machine that slept is late too, though its monotonic clock stood still', async () => {
    const clock = fakeClock();
    const { scheduler, check, counted, late } = scene(clock);
    scheduler.set([check('a', 1500)]);
    await clock.advance(1000);
    clock.sleep(3_600_000);
    await clock.advance(1000);
    expect(counted).toEqual([]);
    expect(late).toEqual([{ kind: 'stood-still', lateMs: 3_600_000, discarded: 1 }]);
    await clock.advance(4000);
    expect(counted).toContain('a');
  });

  test('a wall clock that somebody sets is no lateness', async () => {
    const clock = fakeClock();
    const { scheduler, check, counted, late } = scene(clock);
    scheduler.set([check('a', 1500)]);
    for (const milliseconds of [86_400_000, -172_800_000, 86_400_000]) {
      clock.setWall(milliseconds);
      await clock.advance(2000);
    }
    expect(late).toEqual([]);
    expect(counted).toEqual(['a', 'a', 'a']);
  });

  test('timers that are late by less than a second in all are nothing', async () => {
    const clock = fakeClock();
    const { scheduler, check, late } = scene(clock);
    scheduler.set([check('a')]);
    for (let turn = 0; turn < 10; turn += 1) {
      clock.standStill(300);
      await clock.advance(3000);
    }
    expect(late).toEqual([]);
  });
});
