import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { failing, passing, timedProbe } from '../../../src/agent/checks/probe-timer.js';
import type { ProbeRun, Settle } from '../../../src/agent/checks/probe-timer.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A probe whose runs do nothing by themselves. */
function idleProbe(more: Partial<ProbeRun> = {}) {
  const release = vi.fn<() => void>();
  const settles: Settle[] = [];
  const probe = timedProbe(1500, (settle) => {
    settles.push(settle);
    return { release, ...more };
  });
  return { probe, release, settles };
}

describe('a run of a probe', () => {
  test('settles once, and lets go of what it holds once', async () => {
    const { probe, release, settles } = idleProbe();
    const outcome = probe.run();
    settles[0]?.(passing('first'));
    settles[0]?.(failing('second'));
    expect(await outcome).toEqual({ passing: true, reason: 'first' });
    await vi.runAllTimersAsync();
    expect(release).toHaveBeenCalledTimes(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('ends when its time is up', async () => {
    const { probe, release } = idleProbe();
    const outcome = probe.run();
    await vi.advanceTimersByTimeAsync(1499);
    expect(release).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(10);
    expect(await outcome).toEqual({ passing: false, reason: 'no answer in 1.5 s' });
    expect(release).toHaveBeenCalledTimes(1);
  });

  test('may say itself what it means that its time is up', async () => {
    const { probe } = idleProbe({ onTimeout: () => passing('silence is good') });
    const outcome = probe.run();
    await vi.advanceTimersByTimeAsync(1510);
    expect(await outcome).toEqual({ passing: true, reason: 'silence is good' });
  });

  test('lets go of what it holds also if it settles while it begins', async () => {
    const release = vi.fn<() => void>();
    const probe = timedProbe(1000, (settle) => {
      settle(passing('at once'));
      return { release };
    });
    expect(await probe.run()).toEqual({ passing: true, reason: 'at once' });
    expect(release).toHaveBeenCalledTimes(1);
  });

  test('never rejects: what this machine cannot begin has the reason, and says nothing of the server', async () => {
    const probe = timedProbe(1000, () => {
      throw Object.assign(new Error('connect EMFILE'), { code: 'EMFILE', errno: -24 });
    });
    expect(await probe.run()).toEqual({
      passing: false,
      isInconclusive: true,
      reason: 'too many open files',
    });
  });

  test('ends when the probe is closed, with all others of it', async () => {
    const { probe, release } = idleProbe();
    const outcomes = [probe.run(), probe.run()];
    probe.close?.();
    const ended = { passing: false, reason: 'the check has ended' };
    expect(await Promise.all(outcomes)).toEqual([ended, ended]);
    expect(release).toHaveBeenCalledTimes(2);
    expect(vi.getTimerCount()).toBe(0);
  });
});
