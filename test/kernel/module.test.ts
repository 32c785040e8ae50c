/** The module of IPVS is reloaded, also under a client that is open: in a lab of its own, since all namespaces share modules. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { useNamespace, useOwnLab } from '../support/director.js';
import { PATIENCE_MS } from '../lab/patience.js';

const GUEST = join(import.meta.dirname, 'module/guest.ts');
/** Modules are slow to go where the machine is busy. */

const lab = useOwnLab();
const director = useNamespace('director', lab);

test('S54: lists show the size of the table of connections that the module was loaded with', async () => {
  // What is out of range is not heeded.
  const sizes = [
    [8, 256],
    [20, 1_048_576],
    [7, 4096],
  ] as const;
  for (const [bits, size] of sizes) {
    for (const argv of [
      ['-r', 'ip_vs'],
      ['ip_vs', `conn_tab_bits=${bits}`],
    ]) {
      expect((await lab().run(['/run/modprobe', ...argv])).code).toBe(0);
    }
    const { stdout } = await director().ipvsadm(['-Ln']);
    expect(stdout.split('\n')[0]).toBe(`IP Virtual Server version 1.2.1 (size=${size})`);
  }
});

test('goes on with it when it is loaded again, which the look-up makes the kernel do', async () => {
  expect(await director().callWithin(PATIENCE_MS, GUEST, 'callAfterUnloading')).toEqual({
    query: { left: 0, outcome: 900 },
    dump: { left: 0, outcome: 0 },
    change: { left: 0, outcome: 'done' },
    batch: { left: 0, outcome: { applied: 600, failures: [] } },
  });
});

test('says that IPVS is not there when it cannot be loaded again', async () => {
  expect(await director().callWithin(PATIENCE_MS, GUEST, 'callWithoutModule')).toEqual({
    left: 0,
    codes: ['ENOPROTOOPT', 'ENOPROTOOPT', 'ENOPROTOOPT', 'ENOPROTOOPT'],
  });
});
