import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { arbitraryTable, rulesOf } from '../support/arbitrary-table.js';
import { useNamespace } from '../support/director.js';
import { comparable } from './fixtures/round-trip.js';
import type { RoundTrip } from './fixtures/round-trip.js';

/** What holds for any table on a real kernel. */

const RUNS = 50;
const MANY_RUNS = 250;
/** Of how many tables one is shown to the genuine program too: a process is dear. */
const GENUINE_EACH = 5;

const director = useNamespace();
const file = join(import.meta.dirname, 'fixtures/round-trip.ts');

test(`any of ${RUNS} tables is the same after it was saved, cleared and restored`, () =>
  expectRoundTrips(RUNS));
test(
  `any of ${MANY_RUNS} tables is the same after it was saved, cleared and restored`,
  { tags: 'long' },
  () => expectRoundTrips(MANY_RUNS),
);

async function expectRoundTrips(numRuns: number): Promise<void> {
  let runs = 0;
  const property = fc.asyncProperty(arbitraryTable, async (table) => {
    const rules = rulesOf(table);
    const outcome = (await director().call(file, 'roundTrip', rules.join('\n'))) as RoundTrip;
    const { complaints, before, saved, cleared, after } = outcome;
    expect(complaints).toBe('');
    expect(before).toEqual(comparable(table));
    expect(linesOf(saved)).toEqual(rules.sort());
    expect(cleared).toEqual([]);
    expect(after).toEqual(before);
    runs += 1;
    if (runs % GENUINE_EACH !== 0) return;
    const genuine = await director().genuine(['-S', '-n']);
    expect(linesOf(genuine.stdout)).toEqual(rules.map(asGenuine).sort());
  });
  await fc.assert(property, { numRuns });
  expect(runs).toBeGreaterThanOrEqual(numRuns);
}

/** Far apart, the genuine program sorts not by number: a deviation. */
function linesOf(text: string): string[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .sort();
}

/** A rule as the genuine program can say it: see the deviations 1 and 5. */
function asGenuine(rule: string): string {
  const named = /-s (?:sh|mh) /.test(rule);
  return rule
    .replace(
      /^(-[Aa] -f )(\d+)/,
      (_, before: string, mark: string) => `${before}${Number(mark) | 0}`,
    )
    .replace(/ -x \d+/, '')
    .replace(/ -y \d+/, '')
    .replace(/( -b .*?),?flag-3$/, (whole, before: string) => (named ? before : whole));
}
