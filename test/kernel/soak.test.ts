// @module-tag long
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { useNamespace } from '../support/director.js';
import type { CallsReport, SoakReport } from './fixtures/soak.js';

/** Much at once, and much in a row: a short form by default, the long one with `npm run soak`. */

const director = useNamespace();
const file = join(import.meta.dirname, 'fixtures/soak.ts');
/** Of writers, and as many of readers. */
const EACH = 4;
const seconds = Number(process.env['IPVS_SOAK_SECONDS'] ?? 3);
const calls = Number(process.env['IPVS_SOAK_CALLS'] ?? 10_000);
/** Ten bytes that stayed of each of 100,000 calls would be as much. */
const HEAP_GROWTH_BYTES = 1_000_000;
/** How long either may take beside: only what hangs comes near. */
const PATIENCE_MS = 300_000;

test(
  `${EACH} writers and ${EACH} readers at once for ${seconds} s get no wrong reply`,
  { timeout: 2 * PATIENCE_MS },
  async ({ task }) => {
    const deadline = seconds * 1000 + PATIENCE_MS;
    const called = director().callWithin(deadline, file, 'soak', EACH, seconds);
    const { writes, reads, missed, wrong } = (await called) as SoakReport;
    task.meta.closingLine =
      `soak: ${seconds} s, ${writes} writes, ${reads} reads, ${wrong.length} wrong` +
      ` (${missed} services passed over by walks of the changing table)`;
    expect(wrong).toEqual([]);
    expect(Math.min(writes, reads)).toBeGreaterThan(0);
    expect((await director().genuine(['-Sn'])).stdout).toBe('');
  },
);

test(
  `${calls} calls on one client leave nothing behind`,
  { timeout: 2 * PATIENCE_MS },
  async ({ task }) => {
    const called = director().callWithin(PATIENCE_MS, file, 'manyCalls', calls);
    const { heapGrowthBytes, descriptorGrowth } = (await called) as CallsReport;
    task.meta.closingLine = `soak: ${calls} calls on one client, heap ${signed(heapGrowthBytes)} bytes, descriptors ${signed(descriptorGrowth)}`;
    expect(heapGrowthBytes).toBeLessThan(HEAP_GROWTH_BYTES);
    expect(descriptorGrowth).toBe(0);
  },
);

test('clients that were closed leave no descriptor behind', async () => {
  // One that was open before may be closed meanwhile.
  expect(await director().call(file, 'openAndClose', 200)).toBeLessThanOrEqual(0);
});

const signed = (value: number) => (value < 0 ? `${value}` : `+${value}`);
