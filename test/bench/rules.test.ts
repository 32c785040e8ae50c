import { expect, test } from 'vitest';
import { operationsOf } from '../../bench/operations.js';
import {
  HUGE,
  LARGE,
  LINES,
  ruleCount,
  rulesOf,
  serviceOf,
  sizeOf,
  withOtherWeights,
} from '../../bench/rules.js';

/** The tables that are measured. */

const SMALL = { services: 3, serversEach: 2 };

test('a table is services, each with its real servers behind it', () => {
  expect(rulesOf(SMALL)).toBe(`-A -t 10.1.0.0:80 -s rr
-a -t 10.1.0.0:80 -r 10.128.0.0:8080 -m -w 1
-a -t 10.1.0.0:80 -r 10.128.0.1:8080 -m -w 2
-A -t 10.1.0.1:80 -s rr
-a -t 10.1.0.1:80 -r 10.128.0.2:8080 -m -w 1
-a -t 10.1.0.1:80 -r 10.128.0.3:8080 -m -w 2
-A -t 10.1.0.2:80 -s rr
-a -t 10.1.0.2:80 -r 10.128.0.4:8080 -m -w 1
-a -t 10.1.0.2:80 -r 10.128.0.5:8080 -m -w 2
`);
});

test('it has as many rules as it says, and no two alike', () => {
  const lines = rulesOf(LARGE).trimEnd().split('\n');
  expect(lines).toHaveLength(21_000);
  expect(new Set(lines).size).toBe(21_000);
  expect(sizeOf(LARGE)).toBe('21,000 rules');
  expect([HUGE, LINES].map(ruleCount)).toEqual([105_000, 100_000]);
});

test('a service in the middle of a table is one of its services', () => {
  expect(rulesOf(SMALL)).toContain(`-A -t ${serviceOf(1)} -s rr\n`);
});

test('rules are read as -R reads them', async () => {
  const operations = await operationsOf(new Blob([rulesOf(SMALL)]).stream());
  expect(operations.map(({ type }) => type).slice(0, 4)).toEqual([
    'addService',
    'addDestination',
    'addDestination',
    'addService',
  ]);
  expect(operations).toHaveLength(ruleCount(SMALL));
});

test('one real server in so many gets a weight that none had', () => {
  const rules = rulesOf(SMALL).split('\n');
  const changed = withOtherWeights(rulesOf(SMALL), 3).split('\n');
  const differing = changed.filter((line, index) => line !== rules[index]);
  expect(differing).toHaveLength((SMALL.services * SMALL.serversEach) / 3);
  for (const line of differing) expect(line).toMatch(/^-a .* -w 77$/);
});

test('rules that are wrong are reported, not measured', async () => {
  const wrong = operationsOf(new Blob(['-A -t nowhere\n']).stream());
  await expect(wrong).rejects.toThrow('line 1: ');
});
