/** What is printed of a table of the kernel, read back, is that table. */
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { arbitraryTable, rulesOf } from '../../support/arbitrary-table.js';
import { useNamespace } from '../../support/director.js';

const RUNS = 40;
const MANY_RUNS = 200;

const director = useNamespace();
const file = join(import.meta.dirname, '../fixtures/listed.ts');

async function expectSame(numRuns: number): Promise<void> {
  const same = '0 0 Same: there is nothing to change.\n';
  const property = fc.asyncProperty(
    arbitraryTable.filter((table) => table.length > 0),
    async (table) => {
      const said = await director().call(file, 'compareListed', rulesOf(table).join('\n'));
      expect(said).toEqual({ list: same, yaml: same, json: same, rules: same });
    },
  );
  await fc.assert(property, { numRuns });
}

test(`ipvs diff says "same" of what ipvs list and ipvs export print of ${RUNS} tables`, () =>
  expectSame(RUNS));
test(
  `ipvs diff says "same" of what ipvs list and ipvs export print of ${MANY_RUNS} tables`,
  { tags: 'long' },
  () => expectSame(MANY_RUNS),
);

test('an empty table is printed as one, too', async () => {
  const said = await director().call(file, 'compareListed', '');
  expect(Object.values(said as Record<string, string>).map((text) => text.slice(0, 3))).toEqual([
    '0 0',
    '0 0',
    '0 0',
    '0 0',
  ]);
});
