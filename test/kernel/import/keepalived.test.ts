import { beforeAll, expect, test } from 'vitest';
import { useNamespace } from '../../support/director.js';
import { startKeepalived, stopKeepalived } from '../../support/keepalived.js';
import { folderOf, read, write } from '../../support/programs.js';
import { expectSameTable, importInto, reset, useResults } from './comparison.js';
import { configurations } from './configurations.js';
import type { Configuration } from './configurations.js';
import { PATIENCE_MS } from '../../lab/patience.js';

/** An imported configuration makes the table that Debian's keepalived makes of it. */

const PATIENCE = { timeout: PATIENCE_MS, interval: 1000 };
const CONFIG_ID = 'one';

/** The others are for `npm run test:all`. */
const SHORT = ['neighbours', 'definitions', 'health'];
const isShort = ({ name }: Configuration) => SHORT.includes(name);

const theirs = useNamespace('keepalived');
const ours = useNamespace('imported');
const result = useResults('keepalived');

/** All real servers answer, as they are addresses of the director's own. */
beforeAll(async () => {
  const script = `mkdir -p /run/www
    ip link add eth0 type dummy && ip addr add 192.168.10.1/24 dev eth0 && ip link set eth0 up
    ip addr add 172.168.2.15/32 dev lo && ip addr add 172.168.2.17/32 dev lo
    for port in 80 8000; do busybox httpd -p $port -h /run/www >/dev/null 2>&1; done`;
  for (const namespace of [theirs(), ours()]) {
    expect((await namespace.run(['sh', '-c', script])).code).toBe(0);
  }
});

/** Waits until keepalived's checks have passed. */
async function expectChecked({ passed }: Configuration): Promise<void> {
  if (passed === undefined) return;
  const [message, times] = passed;
  const found = async () => (await read(theirs(), 'log')).split(message).length > times;
  await expect.poll(found, PATIENCE).toBe(true);
}

async function compare(configuration: Configuration): Promise<void> {
  const { name, kinds, text, files = {} } = configuration;
  const row = result(name, kinds);
  for (const namespace of [theirs(), ours()]) await reset(namespace);
  for (const [path, content] of Object.entries(files)) await write(theirs(), path, content);
  const pid = await startKeepalived(theirs(), text, CONFIG_ID);
  const words = ['keepalived', `${folderOf(theirs())}/conf`, '--config-id', CONFIG_ID];
  try {
    row.lost = await importInto(ours(), words);
    await expectSameTable(theirs(), ours());
    await expectChecked(configuration);
  } finally {
    await stopKeepalived(theirs(), pid);
  }
  row.same = true;
}

const TITLE = '$name: the imported table is the one that keepalived makes';
const TIME = { timeout: 600_000 };

test.each(configurations.filter(isShort))(TITLE, TIME, compare);

test.each(configurations.filter((one) => !isShort(one)))(TITLE, { ...TIME, tags: 'long' }, compare);
