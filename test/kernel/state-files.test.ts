import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatState, parseState } from '../../src/state.js';
import { arbitraryTable, rulesOf } from '../support/arbitrary-table.js';
import { useNamespace } from '../support/director.js';

const RUNS = 50;
const director = useNamespace();
const file = join(import.meta.dirname, 'fixtures/state-files.ts');

test(`any of ${RUNS} tables of the kernel is the same as its state file says, in each format`, async () => {
  const property = fc.asyncProperty(arbitraryTable, async (table) => {
    const found = await director().call(file, 'differences', rulesOf(table).join('\n'));
    expect(found).toEqual({ made: 0, yaml: 0, json: 0, rules: 0 });
  });
  await fc.assert(property, { numRuns: RUNS });
});

test('ipvs export prints what is in the kernel, and ipvs schema describes it', async () => {
  await director().ipvsadm(['-C']);
  await director().ipvsadm(['-A', '-t', '192.0.2.1:80', '-s', 'none', '-p', '60', '--pe', 'sip']);
  await director().ipvsadm(['-a', '-t', '192.0.2.1:80', '-r', '10.0.0.2:8080', '-m', '-w', '3']);
  const { stdout, code } = await director().ipvs(['export']);
  expect(code).toBe(0);
  expect(stdout).toBe(`version: 1
services:
  - service: tcp:192.0.2.1:80
    scheduler: none
    persistence: {timeoutSeconds: 60, engine: sip}
    method: nat
    servers:
      - {server: 10.0.0.2:8080, weight: 3}
`);
  expect(formatState(parseState(stdout), 'yaml')).toBe(stdout);
});
