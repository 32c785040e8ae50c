import { expect, test } from 'vitest';
import {
  ageText,
  bytesText,
  countText,
  plural,
  rateText,
} from '../../../src/agent/page/model/numbers.js';

test.each([
  [0, '0'],
  [0.04, '0'],
  [0.25, '0.3'],
  [12.54, '12.5'],
  [7, '7.0'],
  [99.9, '99.9'],
  [99.96, '100'],
  [1234.5, '1,235'],
])('a rate of %d is written %s', (rate, text) => {
  expect(rateText(rate)).toBe(text);
});

test.each([
  [0, '0 B/s'],
  [999, '999 B/s'],
  [999.6, '1.0 kB/s'],
  [1_230, '1.2 kB/s'],
  [99_960, '100 kB/s'],
  [140_000_000, '140 MB/s'],
  [12_300_000_000, '12.3 GB/s'],
  [5e16, '50,000 TB/s'],
])('%d bytes in a second are written %s', (bytes, text) => {
  expect(bytesText(bytes)).toBe(text);
});

test.each([
  [-5_000, '0 s'],
  [59_999, '59 s'],
  [60_000, '1 min'],
  [3_599_999, '59 min'],
  [3_600_000, '1 h'],
  [47 * 3_600_000, '47 h'],
  [48 * 3_600_000, '2 d'],
])('an age of %d ms is written %s', (age, text) => {
  expect(ageText(age)).toBe(text);
});

test('thousands are separated, and one is no plural', () => {
  expect(countText(12_345)).toBe('12,345');
  expect([plural(1, 'server'), plural(0, 'server'), plural(2, 'box', 'boxes')]).toEqual([
    '1 server',
    '0 servers',
    '2 boxes',
  ]);
});
