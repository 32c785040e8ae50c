import { describe, expect, test } from 'vitest';
import { offsetsOf, rowsBetween, rowsOf } from '../../../src/agent/page/model/rows.js';
import type { Row } from '../../../src/agent/page/model/rows.js';
import { server, service } from './status.js';

const heightOf = ({ kind }: Row) => ({ service: 10, server: 5, detail: 20 })[kind];
const services = [
  service('a', [server('s1'), server('s2', { state: 'down' })]),
  service('bb', [server('s3')]),
];
const [first] = services;

test('below an open service are what there is to say of it, and its servers, those that fail first', () => {
  const rows = rowsOf(services, (key) => key === first?.service);
  expect(rows.map(({ kind, key }) => `${kind} ${key}`)).toEqual([
    'service tcp:192.0.2.1:1',
    'detail tcp:192.0.2.1:1 detail',
    'server tcp:192.0.2.1:1 s2',
    'server tcp:192.0.2.1:1 s1',
    'service tcp:192.0.2.1:2',
  ]);
  expect([...offsetsOf(rows, heightOf)]).toEqual([0, 10, 30, 35, 40, 50]);
});

describe('the rows that can be seen', () => {
  const offsets = Float64Array.of(0, 10, 30, 35, 40, 50);

  test.each([
    { top: -100, bottom: 1_000, rows: [0, 5] },
    { top: 0, bottom: 10, rows: [0, 1] },
    { top: 9, bottom: 11, rows: [0, 2] },
    { top: 10, bottom: 30, rows: [1, 2] },
    { top: 36, bottom: 39, rows: [3, 4] },
    { top: -50, bottom: -10, rows: [0, 0] },
  ])('from $top to $bottom', ({ top, bottom, rows }) => {
    const { first: from, end } = rowsBetween(offsets, top, bottom);
    expect([from, end]).toEqual(rows);
  });

  test('are none below the last one', () => {
    const { first: from, end } = rowsBetween(offsets, 60, 90);
    expect(end - from).toBeLessThanOrEqual(0);
  });

  test('are none where there are no rows', () => {
    expect(rowsBetween(offsetsOf([], heightOf), 0, 100)).toEqual({ first: 0, end: 0 });
  });
});
