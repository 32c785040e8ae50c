import { performance } from 'node:perf_hooks';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { MOST_RECEIVED, Received } from '../../../src/agent/checks/received.js';
import { Search } from '../../../src/agent/checks/search.js';

beforeEach(() => {
  vi.useFakeTimers();
  // Searches are timed by the clock that the test moves: on a busy machine, the real one makes them take long.
  vi.spyOn(performance, 'now').mockImplementation(() => Date.now());
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

test('a pattern that takes long is not looked for at each byte', () => {
  const received = new Received();
  let searches = 0;
  const pattern = {
    matches: (text: string) => {
      searches += 1;
      vi.advanceTimersByTime(5);
      return text.endsWith('!');
    },
  };
  const found = vi.fn();
  const search = new Search(pattern, received, found);
  for (let byte = 0; byte < 10_000; byte += 1) {
    received.add(Buffer.from('x'));
    search.soon();
  }
  expect(searches).toBe(1);
  received.add(Buffer.from('!'));
  search.soon();
  vi.advanceTimersByTime(100);
  expect(searches).toBe(2);
  expect(found).toHaveBeenCalledOnce();
});

test('what has not been looked at yet is looked at in the end, and nothing after that', () => {
  const received = new Received();
  const found = vi.fn();
  const search = new Search({ matches: (text) => text.includes('é') }, received, found);
  for (const byte of Buffer.from('xé')) received.add(Buffer.from([byte]));
  expect(search.last()).toBe(true);
  search.soon();
  vi.advanceTimersByTime(1000);
  expect(found).not.toHaveBeenCalled();
});

test('no more than 64 KiB are kept', () => {
  const received = new Received();
  received.add(Buffer.alloc(MOST_RECEIVED - 1, 'x'));
  expect(received.isFull).toBe(false);
  received.add(Buffer.alloc(1_000_000, 'y'));
  expect(received.isFull).toBe(true);
  expect(received.text).toHaveLength(MOST_RECEIVED);
});
