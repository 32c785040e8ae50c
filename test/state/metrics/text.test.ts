import { expect, test } from 'vitest';
import { goNumber, metricsText } from '../../../src/state/metrics/text.js';
import type { MetricGroup } from '../../../src/state/metrics/text.js';

interface Door {
  readonly house: string;
  readonly door: string | undefined;
  readonly visits: bigint;
}

const group: MetricGroup<Door> = {
  labels: [
    { name: 'house', value: ({ house }) => house },
    { name: 'door', value: ({ door }) => door },
  ],
  metrics: [{ name: 'visits_total', type: 'counter', help: 'Visits.', value: (d) => d.visits }],
};
const doors: readonly Door[] = [
  { house: 'b', door: 'front', visits: 2n ** 64n - 1n },
  { house: 'a"\\\n', door: undefined, visits: 1n },
  { house: 'b', door: 'back', visits: 1n },
];
const textOf = (...given: Parameters<typeof metricsText<Door>>) =>
  [...metricsText(...given)].join('');
const HEAD = '# HELP visits_total Visits.\n# TYPE visits_total counter\n';

test('a series has all digits, labels are escaped, and those that are unknown are left out', () => {
  expect(textOf(group, doors)).toBe(
    `${HEAD}visits_total{house="b",door="front"} 18446744073709551615\n` +
      'visits_total{house="a\\"\\\\\\n"} 1\nvisits_total{house="b",door="back"} 1\n',
  );
});

test('series that become equal are added up', () => {
  expect(textOf(group, doors, new Set(['house']))).toContain(
    'visits_total{house="b"} 18446744073709551616\n',
  );
  expect(textOf(group, doors, new Set())).toBe(`${HEAD}visits_total 18446744073709551617\n`);
});

test('series can be sorted by their labels', () => {
  const text = textOf({ ...group, isSorted: true }, doors);
  expect(text.match(/door="\w+"/g)).toEqual(['door="back"', 'door="front"']);
});

test('without subjects there is nothing', () => {
  expect(textOf(group, [])).toBe('');
});

test('a hundred thousand series come in pieces', () => {
  const many = Array.from({ length: 100_000 }, (_, i) => ({
    house: `${i}`,
    door: '1',
    visits: 1n,
  }));
  const lengths = Array.from(metricsText(group, many), ({ length }) => length);
  expect(Math.max(...lengths)).toBeLessThan(40_000);
});

test.each([
  [0n, '0'],
  [1, '1'],
  [999_999, '999999'],
  [1_000_000, '1e+06'],
  [1_234_567, '1.234567e+06'],
  [100_000, '100000'],
  [2n ** 64n - 1n, '1.8446744073709552e+19'],
  [12_345_678_900, '1.23456789e+10'],
] as const)('%s is %s as exporters in Go print it', (value, expected) => {
  expect(goNumber(value)).toBe(expected);
});
