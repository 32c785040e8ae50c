import { expect, test } from 'vitest';
import { LONGEST_HISTORY, noRates, RateBook } from '../../../src/cli/top/rates.js';
import type { Counters } from '../../../src/cli/top/rates.js';

function counters(connections: bigint, incomingBytes = 0n): Counters {
  const others = { incomingPackets: 0n, outgoingPackets: 0n, outgoingBytes: 0n };
  const rates = { ...noRates, connectionsPerSecond: 42 };
  return { connections, incomingBytes, ...others, rates };
}

/** The rate of connections after each reading. */
function ratesOf(
  ...readings: readonly (readonly [nowMs: number, connections: bigint])[]
): number[] {
  const book = new RateBook();
  return readings.map(([nowMs, connections]) => {
    book.read([['a', counters(connections)]], nowMs);
    return book.of('a').rates.connectionsPerSecond;
  });
}

test('the first rates are those of the kernel, later ones are counted', () => {
  expect(ratesOf([0, 100n], [2000, 110n], [4000, 130n])).toEqual([42, 5, 10]);
});

test('the time between two readings counts, not the interval that was asked for', () => {
  expect(ratesOf([0, 0n], [5000, 10n])).toEqual([42, 2]);
});

test('counters above 2⁵³ are subtracted exactly', () => {
  const large = 2n ** 63n;
  expect(ratesOf([0, large], [1000, large + 3n])).toEqual([42, 3]);
});

test('a counter that went back counts from 0', () => {
  expect(ratesOf([0, 1000n], [2000, 8n])).toEqual([42, 4]);
});

test('counters that the kernel has not added up yet keep their rate: it does so every two seconds', () => {
  expect(ratesOf([0, 0n], [2000, 20n], [3000, 20n], [4000, 40n], [5000, 40n])).toEqual([
    42, 10, 10, 10, 10,
  ]);
});

test('counters that stand still for three seconds have no rate, and begin again without a peak', () => {
  expect(ratesOf([0, 0n], [2000, 20n], [4000, 20n], [6000, 20n], [8000, 30n])).toEqual([
    42, 10, 10, 0, 5,
  ]);
});

test('two readings at one moment are no division by zero', () => {
  expect(ratesOf([0, 0n], [0, 20n], [2000, 20n])).toEqual([42, 42, 10]);
});

test('what was deleted is forgotten, and its history is bounded', () => {
  const book = new RateBook();
  for (let tick = 0; tick < 3 * LONGEST_HISTORY; tick += 1) {
    book.read([['a', counters(BigInt(tick))]], tick * 2000);
  }
  expect(book.of('a').history).toHaveLength(LONGEST_HISTORY);
  book.read([], 1_000_000);
  expect(book.of('a')).toEqual({ rates: noRates, history: [] });
});
