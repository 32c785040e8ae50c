import { afterAll, beforeAll, expect, test } from 'vitest';
import { join } from 'node:path';
import type { Namespace } from '../../lab/lab.js';
import { useLab } from '../../support/director.js';
import { startKeepalived } from '../../support/keepalived.js';
import { folderOf, read, stop, write } from '../../support/programs.js';
import { configurations } from './configurations.js';
import type { Configuration } from './configurations.js';
import type { AppliedImport } from './guest.js';

/** An imported configuration makes the table that Debian's keepalived makes of it. */

const PATIENCE = { timeout: 100_000, interval: 1000 };
const GUEST = join(import.meta.dirname, 'guest.ts');
const CONFIG_ID = 'one';

const lab = useLab();
const seen: string[] = [];
const namespaces: Namespace[] = [];

afterAll(async () => {
  await Promise.all(namespaces.map((namespace) => namespace.close()));
  console.log(
    ['configuration | settings | same table | what could not be said', ...seen].join('\n'),
  );
});

/** A director on which all real servers answer, as they are its own addresses. */
async function director(name: string): Promise<Namespace> {
  const namespace = await lab().namespace(name);
  namespaces.push(namespace);
  const script = `mkdir -p /run/www && ip link set lo up
    ip link add eth0 type dummy && ip addr add 192.168.10.1/24 dev eth0 && ip link set eth0 up
    ip addr add 172.168.2.15/32 dev lo && ip addr add 172.168.2.17/32 dev lo
    for port in 80 8000; do busybox httpd -p $port -h /run/www >/dev/null 2>&1; done`;
  expect((await namespace.run(['sh', '-c', script])).code).toBe(0);
  return namespace;
}

/** All that the kernel holds: rules, thresholds, timeouts and daemons. */
async function everything(namespace: Namespace): Promise<readonly string[]> {
  const views = await Promise.all(
    [['-Sn'], ['-L', '--timeout'], ['-L', '--daemon']].map((words) => namespace.ipvsadm(words)),
  );
  return views.flatMap(({ stdout }) => stdout.split('\n')).sort();
}

/** A namespace whose table is what the import of a file says. */
async function imported(name: string, file: string): Promise<readonly [Namespace, AppliedImport]> {
  const other = await director(`ours-${name}`);
  const applied = (await other.call(GUEST, 'applyKeepalived', file, CONFIG_ID)) as AppliedImport;
  expect(applied.failures).toEqual([]);
  return [other, applied];
}

/** Waits until keepalived has a table that is not empty, and its checks have passed. */
async function settled(namespace: Namespace, { passed }: Configuration): Promise<void> {
  await expect
    .poll(async () => (await namespace.ipvsadm(['-Sn'])).stdout, PATIENCE)
    .toContain('-a ');
  if (passed === undefined) return;
  const [message, times] = passed;
  const count = async () => (await read(namespace, 'log')).split(message).length - 1;
  await expect.poll(count, PATIENCE).toBeGreaterThanOrEqual(times);
}

beforeAll(() => {
  expect(configurations.length).toBeGreaterThan(8);
});

test.each(configurations)(
  '$name: the imported table is the one that keepalived makes',
  { timeout: 400_000 },
  async (configuration) => {
    const { name, kinds, text, files = {} } = configuration;
    const genuine = await director(`keepalived-${name}`);
    for (const [path, content] of Object.entries(files)) await write(genuine, path, content);
    const pid = await startKeepalived(genuine, text, CONFIG_ID);
    await settled(genuine, configuration);
    const [ours, { notes }] = await imported(name, `${folderOf(genuine)}/conf`);
    const wanted = await everything(ours);
    const lost = notes.filter(({ kind }) => kind === 'lost').map(({ message }) => message);
    const row = (same: string) => [name, kinds, same, [...new Set(lost)].join('; ')].join(' | ');
    seen.push(row('no'));
    await expect.poll(() => everything(genuine), PATIENCE).toEqual(wanted);
    seen.splice(-1, 1, row('yes'));
    await stop(genuine, pid);
  },
);
