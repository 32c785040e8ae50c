/** What checks and servers have done, counted for metrics. */
import { expect, test } from 'vitest';
import { CheckCounts } from '../../../src/agent/reports/check-counts.js';
import type { CheckResult } from '../../../src/agent/health/health.js';

const at = { monotonicMs: 0, wallMs: 0 };
const result = (reason: string, durationMs = 3): CheckResult => ({
  ...{ passing: reason === 'connected', reason, at, durationMs },
});

test('durations are counted for each service that has the check, failures for the check', () => {
  const counts = new CheckCounts();
  counts.onResult('tcp 10.0.0.2', ['a', 'b'], result('connected', 3));
  counts.onResult('tcp 10.0.0.2', ['a'], result('no answer in 2 s', 2000));
  const a = counts.durationsOf('a');
  expect([a?.sum, a?.counts.reduce((sum, count) => sum + count)]).toEqual([2.003, 2]);
  expect(counts.durationsOf('b')?.sum).toBe(0.003);
  expect([...counts.failuresOf('tcp 10.0.0.2')]).toEqual([['no answer in 2 s', 1]]);
});

test('a duration longer than all bounds is counted too', () => {
  const counts = new CheckCounts();
  counts.onResult('x', ['a'], result('connected', 60_000));
  expect(counts.durationsOf('a')?.counts.at(-1)).toBe(1);
});

test('what a server sends does not make series without end: quotes are cut, and of one check ten reasons are told apart', () => {
  const counts = new CheckCounts();
  for (let index = 0; index < 1000; index += 1) {
    counts.onResult('quoting', [], result(`answer "${index}\\"x" does not match "^a"`));
    counts.onResult('naming', [], result(`certificate is for host${index}.example`));
  }
  expect([...counts.failuresOf('quoting')]).toEqual([['answer "..." does not match "..."', 1000]]);
  expect(counts.failuresOf('naming').size).toBe(11);
  expect(counts.failuresOf('naming').get('other')).toBe(990);
});

test('transitions are counted by the state that a server goes to', () => {
  const counts = new CheckCounts();
  const event = {
    seq: 1,
    time: '',
    severity: 'info',
    service: 'a',
    server: '10.0.0.2:80',
  } as const;
  counts.onEvent({ ...event, type: 'server', from: 'up', to: 'down' });
  counts.onEvent({ ...event, type: 'server', from: 'down', to: 'up' });
  counts.onEvent({ ...event, type: 'server', from: 'up', to: 'down' });
  counts.onEvent({ ...event, type: 'drain', to: 'drained' });
  expect([...counts.transitionsOf('a', '10.0.0.2:80')]).toEqual([
    ['down', 2],
    ['up', 1],
  ]);
});

test('what is no longer in the configuration is forgotten', () => {
  const counts = new CheckCounts();
  counts.onResult('x', ['a', 'b'], result('connection refused'));
  counts.keep(new Set(['a']), new Set());
  expect(counts.durationsOf('a')).toBeDefined();
  expect(counts.durationsOf('b')).toBeUndefined();
  expect(counts.failuresOf('x').size).toBe(0);
});
