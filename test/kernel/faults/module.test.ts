import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { CommandResult } from '../../lab/lab.js';
import { useNamespace, useOwnLab } from '../../support/director.js';
import { PATIENCE_MS } from '../../lab/patience.js';

/** The module is unloaded under a listing: in a lab of its own, since modules are one for all namespaces. */

const file = join(import.meta.dirname, '../fixtures/faults.ts');
const lab = useOwnLab();
const director = useNamespace('director', lab);

beforeAll(async () => {
  // Neither the kernel nor a listing may bring the module back by itself.
  const none =
    'echo /bin/false >/proc/sys/kernel/modprobe; [ ! -d /lib/modules ] || mount -t tmpfs none /lib/modules';
  await lab().run(['sh', '-c', none]);
});

describe('the module is unloaded', () => {
  test('not while there are services; once there are none, a client gets an error', async () => {
    const outcome = await director().call(file, 'unloadWhileWalking', 50);
    expect(outcome).toEqual({
      refused: 'rmmod: ERROR: Module ip_vs is in use\n',
      walked: 50,
      unloaded: '',
      after: ['ENOPROTOOPT', 'ENOPROTOOPT'],
    });
  });

  test('and loaded again, under listings: each is whole, or an error in words', async () => {
    const called = director().callWithin(PATIENCE_MS, file, 'listWhileUnloading', 12);
    const ended = (await called) as CommandResult[];
    const whole = ended.filter(({ code }) => code === 0);
    expect(whole.map(({ stderr }) => stderr)).toEqual(['']);
    expect(whole[0]?.stdout.split('\n')).toHaveLength(4);
    const failed = ended.filter(({ code }) => code !== 0);
    expect(failed.length).toBeGreaterThan(0);
    for (const { code, stderr } of failed) {
      // Which of the two it is depends on how far the listing was.
      const said = stderr.replaceAll(/^modprobe: .*\n/gm, '');
      expect([code, said]).toEqual(code === 2 ? [2, ABSENT] : [1, 'Protocol not available\n']);
    }
  });
});

const ABSENT =
  "Can't initialize ipvs: Protocol not available\n" +
  'Are you sure that IP Virtual Server is built in the kernel or as module?\n';
