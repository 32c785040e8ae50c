import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Patience } from '../../src/netlink/patience.js';

describe('patience', () => {
  const expire = vi.fn();

  beforeEach(() => {
    vi.useFakeTimers();
    expire.mockReset();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test('lasts as long as it was given, from the last word on', () => {
    const patience = new Patience({ deadlineMs: 100 }, expire);
    vi.advanceTimersByTime(99);
    patience.refresh();
    vi.advanceTimersByTime(99);
    expect(expire).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(expire).toHaveBeenCalledOnce();
  });

  test('that has ended keeps no timer, whatever is heard later', () => {
    const patience = new Patience({ deadlineMs: 100 }, expire);
    patience.end();
    patience.refresh();
    expect(vi.getTimerCount()).toBe(0);
    vi.advanceTimersByTime(1000);
    expect(expire).not.toHaveBeenCalled();
  });
});
