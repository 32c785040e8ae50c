import { describe, expect, test } from 'vitest';
import { json, markdownTable, quantity, summary, textTable } from '../../bench/report.js';
import { figureOf, median, type Result } from '../../bench/result.js';

/** What `npm run bench` makes of its measurements. */

const restore: Result = {
  what: 'ipvsadm -R',
  unit: 'ms',
  ours: [500, 700, 600],
  other: { name: 'genuine', values: [1500, 2800, 2400] },
  target: { kind: 'faster', atLeast: 4 },
};
const memory: Result = {
  what: 'memory',
  unit: 'MB',
  ours: [80.25],
  target: { kind: 'below', atMost: 120 },
};
const unaimed: Result = { what: 'listing', unit: 'ms', ours: [3.14] };
const entries = [
  { row: 'restore', result: restore },
  { row: 'growth', result: memory },
  { row: 'one', result: unaimed },
];

test('the median is the middle one, or lies between the two in the middle', () => {
  expect([median([9, 1, 2]), median([4, 1, 2, 9]), median([7])]).toEqual([2, 3, 7]);
});

describe('a target', () => {
  test('of speed wants the other to take so many times as long, in the middle one of the pairs', () => {
    expect(figureOf(restore)).toEqual({ value: 4, reached: true });
    expect(figureOf({ ...restore, target: { kind: 'faster', atLeast: 4.1 } })?.reached).toBe(false);
  });

  test('of time allows ours so many times as much', () => {
    const slower = { ...restore, ours: [3000, 2800, 3600] };
    const target = { kind: 'slower', atMost: 1.5 } as const;
    expect(figureOf({ ...slower, target })).toEqual({ value: 1.5, reached: true });
  });

  test('of size is a bound for the median', () => {
    expect(figureOf(memory)).toEqual({ value: 80.25, reached: true });
    expect(figureOf({ ...memory, target: { kind: 'above', atLeast: 81 } })?.reached).toBe(false);
  });

  test('is open while there is nothing to measure against', () => {
    const alone = { ...restore, other: undefined, note: 'the other is missing' };
    expect(figureOf(alone)).toBeUndefined();
    expect(summary([{ row: 'restore', result: alone }])).toBe(
      '0 targets reached, 0 missed, 1 not measured\n',
    );
    expect(textTable([{ row: 'restore', result: alone }])).toContain(
      '\nrestore: the other is missing\n',
    );
  });
});

test('a table for people has its columns under each other', () => {
  expect(textTable(entries).split('\n')).toEqual([
    'Row      What        Ours                       Beside it                       Ratio  Target           Reached',
    'restore  ipvsadm -R  600 ms (500 ms to 700 ms)  genuine 2.4 s (1.5 s to 2.8 s)  4.00   ≥ 4 × the speed  yes',
    'growth   memory      80.3 MB                                                           ≤ 120 MB         yes',
    'one      listing     3.1 ms',
    '',
  ]);
});

test('a table for README.md has the same cells', () => {
  expect(markdownTable(entries.slice(0, 1))).toBe(
    '| Row | What | Ours | Beside it | Ratio | Target | Reached |\n' +
      '| --- | --- | --- | --- | --- | --- | --- |\n' +
      '| restore | ipvsadm -R | 600 ms (500 ms to 700 ms) | genuine 2.4 s (1.5 s to 2.8 s) | 4.00 | ≥ 4 × the speed | yes |\n',
  );
});

test('for machines there is one document, with all values and what comes of them', () => {
  const document: unknown = JSON.parse(
    json(entries, { node: 'v20.0.0', machine: 'a machine', date: '2026-01-01' }),
  );
  expect(document).toMatchObject({
    node: 'v20.0.0',
    results: [
      { row: 'restore', ours: [500, 700, 600], median: 600, otherMedian: 2400, figure: 4 },
      { row: 'growth', unit: 'MB', reached: true },
      { row: 'one' },
    ],
  });
  expect(document).not.toHaveProperty('results.2.reached');
});

test('a missed target is counted', () => {
  const missed = { ...memory, ours: [121] };
  expect(summary([...entries, { row: 'growth', result: missed }])).toBe(
    '2 targets reached, 1 missed\n',
  );
});

test.each([
  [3.14159, 'ms', '3.1 ms'],
  [585.4, 'ms', '585 ms'],
  [5105, 'ms', '5.11 s'],
  [98.04, 'MB', '98.0 MB'],
  [120, 'MB', '120 MB'],
  [1234567.8, 'lines/s', '1,234,568 lines/s'],
] as const)('%d in %s is written as %s', (value, unit, text) => {
  expect(quantity(value, unit)).toBe(text);
});
