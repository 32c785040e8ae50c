/** A client that is open when the module of IPVS is unloaded: in a lab of its own, since all namespaces share modules. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Lab } from '../lab/lab.js';
import type { Namespace } from '../lab/lab.js';

const GUEST = join(import.meta.dirname, 'module/guest.ts');
/** Modules are slow to go where the machine is busy. */
const DEADLINE_MS = 60_000;

let lab: Lab | undefined;
let director: Namespace | undefined;

beforeAll(async () => {
  lab = await Lab.boot();
  director = await lab.namespace();
});

afterAll(async () => {
  await lab?.close();
});

test('goes on with it when it is loaded again, which the look-up makes the kernel do', async () => {
  expect(await director?.callWithin(DEADLINE_MS, GUEST, 'callAfterUnloading')).toEqual({
    query: { left: 0, outcome: 900 },
    dump: { left: 0, outcome: 0 },
    change: { left: 0, outcome: 'done' },
    batch: { left: 0, outcome: { applied: 600, failures: [] } },
  });
});

test('says that IPVS is not there when it cannot be loaded again', async () => {
  expect(await director?.callWithin(DEADLINE_MS, GUEST, 'callWithoutModule')).toEqual({
    left: 0,
    codes: ['ENOPROTOOPT', 'ENOPROTOOPT', 'ENOPROTOOPT', 'ENOPROTOOPT'],
  });
});
