import { expect, test } from 'vitest';
import { join } from 'node:path';
import type { Namespace } from '../../lab/lab.js';
import { useOwnLab } from '../../support/director.js';
import { finding, fix } from '../../support/doctor.js';
import { shell } from '../../support/shell.js';
import { type } from '../../support/forwarding.js';
import { PATIENCE_MS } from '../../lab/patience.js';

/** The connection table's size is chosen when the module is loaded: in a lab of its own, since modules are one for all namespaces. */

const GUEST = join(import.meta.dirname, '../fixtures/sync-messages.ts');
const ADDRESS = '10.9.0.1';
const COUNT = 300;

const lab = useOwnLab();

/** A director that another one has sent connections to: those that bench/connections.ts makes up. */
async function busyDirector(): Promise<Namespace> {
  const director = await lab().namespace('director');
  await shell(director, 'ip link add sync type dummy && ip link set dev sync up');
  await shell(director, `ip address add ${ADDRESS}/24 dev sync`);
  await type(director, '-A -t 192.0.2.1:80 -s rr');
  for (let host = 0; host < 20; host += 1) {
    await type(director, `-a -t 192.0.2.1:80 -r 10.128.0.${host}:8080 -m`);
  }
  await type(director, '--start-daemon backup --mcast-interface sync');
  await director.call(GUEST, 'tell', ADDRESS, COUNT);
  await expect
    .poll(async () => (await director.ipvsadm(['-Lnc'])).stdout.split('\n').length, {
      timeout: PATIENCE_MS,
    })
    .toBe(COUNT + 3);
  return director;
}

/** Unloads IPVS, and loads it again. */
async function reload(...options: readonly string[]): Promise<void> {
  // A namespace that was closed is gone a moment later.
  const end = 'rmmod ip_vs_rr 2>&1; rmmod ip_vs';
  await expect
    .poll(() => lab().run(['sh', '-c', end]), { timeout: PATIENCE_MS })
    .toMatchObject({ code: 0 });
  expect(await lab().run(['/run/modprobe', 'ip_vs', ...options])).toMatchObject({ code: 0 });
}

test('connection-table-small: more connections than buckets, until the module is loaded with more', async () => {
  await lab().run(['mount', '-t', 'tmpfs', 'none', '/etc/modprobe.d']);
  await reload('conn_tab_bits=8');
  {
    await using director = await busyDirector();
    const found = await finding(director, 'connection-table-small');
    expect(found).toMatchObject({
      severity: 'notice',
      occurrences: [
        {
          evidence: '300 connections, 256 buckets (size=256)',
          fix: [
            "echo 'options ip_vs conn_tab_bits=10' >>/etc/modprobe.d/ip_vs.conf",
            '# then reboot: it takes effect when the module is next loaded',
          ],
        },
      ],
    });
    if (found !== undefined) await fix(director, found);
  }
  await reload();
  await using director = await busyDirector();
  expect((await director.ipvsadm(['-Ln'])).stdout).toContain('(size=1024)');
  expect(await finding(director, 'connection-table-small')).toBeUndefined();
});
