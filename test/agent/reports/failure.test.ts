/** What `/healthz` says. */
import { expect, test } from 'vitest';
import { failureOf } from '../../../src/agent/reports/failure.js';

const fine = { looks: 3, lastWholeMs: 100_000, trouble: undefined };

test('while the table is compared in time there is no failure', () => {
  expect(failureOf(fine, 30_000, 130_000)).toBeUndefined();
});

test('a table that cannot be read, was never compared, or not for long is a failure, with the reason', () => {
  expect(failureOf({ ...fine, trouble: 'there is no IPVS' }, 30_000, 100_000)).toBe(
    'the table cannot be read or written: there is no IPVS',
  );
  expect(failureOf({ ...fine, lastWholeMs: undefined }, 30_000, 100_000)).toBe(
    'the table has not been compared with the file yet',
  );
  expect(failureOf(fine, 30_000, 225_000)).toBe(
    'the table was last compared with what is wanted 125 s ago',
  );
});
