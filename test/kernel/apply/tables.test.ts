/** Any table of a real kernel becomes any other. */
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { arbitraryTable, rulesOf } from '../../support/arbitrary-table.js';
import { useNamespace } from '../../support/director.js';
import { formatServiceId } from '../../../src/ipvs/model/service.js';
import type { Became } from './guest/tables.js';

const RUNS = 40;
const MANY_RUNS = 200;

const director = useNamespace();
const file = join(import.meta.dirname, 'guest/tables.ts');

/** Pairs of tables that have services and real servers in common, some with other settings. */
const pairs = fc
  .tuple(arbitraryTable, arbitraryTable, fc.infiniteStream(fc.nat(3)))
  .map(([from, other, choices]) => {
    const isKept = () => choices.next().value !== 0;
    const kept = from.filter(isKept).map((entry) => ({
      ...entry,
      destinations: entry.destinations.filter(isKept).map((server) => {
        const weight = isKept() ? server.settings.weight : 3;
        return { ...server, settings: { ...server.settings, weight } };
      }),
    }));
    const keys = new Set(kept.map(({ service }) => formatServiceId(service.id)));
    const fresh = other.filter(({ service }) => !keys.has(formatServiceId(service.id)));
    return { from: rulesOf(from).join('\n'), to: rulesOf([...kept, ...fresh]).join('\n') };
  });

test(`of ${RUNS} pairs of tables each first one becomes the second`, () => expectArrivals(RUNS));
test(`of ${MANY_RUNS} pairs of tables each first one becomes the second`, { tags: 'long' }, () =>
  expectArrivals(MANY_RUNS),
);

async function expectArrivals(numRuns: number): Promise<void> {
  let steps = 0;
  const property = fc.asyncProperty(pairs, async ({ from, to }) => {
    const became = (await director().call(file, 'become', from, to)) as Became;
    expect(became).toEqual({ steps: became.steps, refused: [], left: [] });
    steps += became.steps;
  });
  await fc.assert(property, { numRuns });
  expect(steps).toBeGreaterThan(numRuns);
}
