import fc from 'fast-check';
import { expect, test } from 'vitest';
import { history } from './histories.js';
import { situations, World } from './world.js';

/** Compares the rules with the model until so many steps were lived through. */
function compare(least: number): { readonly steps: number; readonly seen: ReadonlySet<string> } {
  let steps = 0;
  const seen = new Set<string>();
  const property = fc.property(history, (past) => {
    const world = new World(past.files);
    for (const step of past.steps) world.live(step);
    steps += past.steps.length;
    for (const situation of world.seen) seen.add(situation);
  });
  while (steps < least) fc.assert(property, { numRuns: 50 });
  return { steps, seen };
}

test('20,000 steps of random histories end as a plain model of the page says', () => {
  const { steps, seen } = compare(20_000);
  expect(steps).toBeGreaterThanOrEqual(20_000);
  expect([...seen].sort()).toEqual([...situations].sort());
});

// Less than a minute of work, on a machine that may have other work to do.
const TIMEOUT_MS = 3_600_000;

test(
  'a million steps of random histories end as a plain model of the page says',
  { tags: ['long'], timeout: TIMEOUT_MS },
  () => {
    const { steps } = compare(1_000_000);
    console.log(`${steps} steps without a difference`);
    expect(steps).toBeGreaterThanOrEqual(1_000_000);
  },
);
