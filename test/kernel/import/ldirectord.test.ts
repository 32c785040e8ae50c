import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, test } from 'vitest';
import { useNamespace } from '../../support/director.js';
import { folderOf, start, stop, write } from '../../support/programs.js';
import { expectSameTable, importInto, reset, useResults } from './comparison.js';

/** An imported configuration makes the table that Debian's ldirectord makes of it. */

const SHORT = {
  nat: 'ports of their own, thresholds, persistence, checks by connecting, a fallback for all',
  edges: 'programs that check, checktype = off, only a fallback, lines that stand twice',
};
/** For `npm run test:all`. */
const LONG = {
  web: 'a range, direct routing and tunnels, pages with words, names of hosts and ports',
  marks: 'firewall marks of both families, flags of a scheduler, no checks',
  udp: 'UDP, single packets, ping',
  ipv6: 'IPv6, a prefix length, thresholds',
};

const theirs = useNamespace('ldirectord');
const ours = useNamespace('imported');
const result = useResults('ldirectord');

/** Pages for its checks; what it looks for stands in them. */
beforeAll(async () => {
  await write(theirs(), 'index.html', 'A Test Page');
  await write(theirs(), 'other.html', 'The Other page');
  await theirs().run(['ip', 'addr', 'add', '2001:db8::2/128', 'dev', 'lo']);
  for (const address of ['0.0.0.0', '[::1]']) {
    await start(theirs(), `busybox httpd -f -p ${address}:8000 -h ${folderOf(theirs())}`);
  }
});

async function compare([name, kinds]: readonly [string, string]): Promise<void> {
  const row = result(name, kinds);
  for (const namespace of [theirs(), ours()]) await reset(namespace);
  const text = readFileSync(join(import.meta.dirname, 'ldirectord', `${name}.cf`), 'utf8');
  // The process's number is kept in a file that is named after the configuration's.
  await write(theirs(), `${name}.cf`, text);
  const file = `${folderOf(theirs())}/${name}.cf`;
  const pid = await start(theirs(), `/usr/sbin/ldirectord ${file} start`, 'log');
  try {
    row.lost = await importInto(ours(), ['ldirectord', file]);
    await expectSameTable(theirs(), ours());
  } finally {
    await stop(theirs(), pid);
  }
  row.same = true;
}

const TITLE = 'the imported table is the one that ldirectord makes: %s.cf';
const TIME = { timeout: 600_000 };

test.for(Object.entries(SHORT))(TITLE, TIME, compare);

test.for(Object.entries(LONG))(TITLE, { ...TIME, tags: 'long' }, compare);
