import { constants } from 'node:os';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Patience } from '../../src/netlink/patience.js';

const expire = vi.fn();

beforeEach(() => {
  vi.useFakeTimers();
  expire.mockReset();
});
afterEach(() => {
  vi.useRealTimers();
});

/** How long it takes from now on until a clock has run out. */
function untilExpired(most = 100_000): number {
  let passed = 0;
  while (expire.mock.calls.length === 0 && passed < most) {
    vi.advanceTimersByTime(1);
    passed += 1;
  }
  return passed;
}

describe('patience', () => {
  test.each([1, 5, 19, 33, 99, 100, 250, 1000, 10_000])('of %i ms lasts as long', (ms) => {
    new Patience({ deadlineMs: ms }, expire);
    const lasted = untilExpired();
    expect(lasted).toBeGreaterThanOrEqual(ms);
    // Its beats are whole milliseconds.
    expect(lasted).toBeLessThan(ms + 8);
    expect(expire).toHaveBeenCalledOnce();
    expect(expire).toHaveBeenCalledWith(
      expect.objectContaining({
        errno: constants.errno.ETIMEDOUT,
        message: `netlink receive: ETIMEDOUT (no reply within ${ms} ms)`,
      }),
    );
  });

  test.each([
    [5, 20],
    [20, 20],
    [100, 20],
    [1000, 125],
    [10_000, 1250],
  ])('of %i ms lasts as long from the last word on, and %i ms longer at most', (ms, longer) => {
    for (const spoken of [0, 0.05, 0.13, 0.5, 0.9, 0.99]) {
      expire.mockReset();
      const patience = new Patience({ deadlineMs: ms }, expire);
      vi.advanceTimersByTime(Math.floor(ms * spoken));
      patience.refresh();
      const lasted = untilExpired();
      expect(lasted, `spoken after ${spoken}`).toBeGreaterThanOrEqual(ms);
      expect(lasted, `spoken after ${spoken}`).toBeLessThanOrEqual(ms + longer);
    }
  });

  test('lasts for ever while there is a word within each deadline', () => {
    const patience = new Patience({ deadlineMs: 100 }, expire);
    for (let word = 0; word < 50; word += 1) {
      vi.advanceTimersByTime(99);
      patience.refresh();
    }
    expect(expire).not.toHaveBeenCalled();
  });

  test('without a deadline sets no timer', () => {
    new Patience({ deadlineMs: Infinity }, expire);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('longer than a timer can be is not over at once', () => {
    new Patience({ deadlineMs: 2 ** 40 }, expire);
    vi.advanceTimersByTime(3_600_000);
    expect(expire).not.toHaveBeenCalled();
  });

  test('that has ended keeps no timer, whatever is heard later', () => {
    const patience = new Patience({ deadlineMs: 100 }, expire);
    patience.end();
    patience.refresh();
    expect(vi.getTimerCount()).toBe(0);
    vi.advanceTimersByTime(1000);
    expect(expire).not.toHaveBeenCalled();
  });

  test('that has ended hears its signal no more', () => {
    const controller = new AbortController();
    new Patience({ signal: controller.signal }, expire).end();
    controller.abort();
    expect(expire).not.toHaveBeenCalled();
  });

  test('is over once, also when its signal is aborted behind the deadline', () => {
    const controller = new AbortController();
    new Patience({ deadlineMs: 100, signal: controller.signal }, expire);
    vi.advanceTimersByTime(100);
    controller.abort(new Error('enough'));
    expect(expire).toHaveBeenCalledOnce();
    expect(vi.getTimerCount()).toBe(0);
  });
});
