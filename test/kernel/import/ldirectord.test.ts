import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { importLdirectord } from '../../../src/state/import/ldirectord/ldirectord.js';
import { useLab } from '../../support/director.js';
import { importSources } from '../../support/import-sources.js';
import { folderOf, read, start, stop, write } from '../../support/programs.js';

/** Perl is started anew for each configuration, and ipvsadm for each line of its table. */
const PATIENCE = { timeout: 400_000, interval: 1000 };
const TIME = { timeout: 600_000, tags: 'long' };

const configurations = {
  nat: 'ports of their own, thresholds, persistence, checks by connecting, a fallback for all',
  web: 'a range, direct routing and tunnels, pages with words, names of hosts and ports',
  marks: 'firewall marks of both families, flags of a scheduler, no checks',
  udp: 'UDP, single packets, ping',
  ipv6: 'IPv6, a prefix length, thresholds',
  edges: 'programs that check, checktype = off, only a fallback, lines that stand twice',
};

const guestFile = join(import.meta.dirname, '../fixtures/imported.ts');
const lab = useLab();
const results: string[] = [];

afterAll(() => {
  process.stdout.write(`\n${results.join('\n')}\n`);
});

test.for(Object.entries(configurations))(
  'an imported configuration of ldirectord gives the table that ldirectord makes: %s.cf',
  TIME,
  async ([name, kinds]) => {
    const text = readFileSync(join(import.meta.dirname, 'ldirectord', `${name}.cf`), 'utf8');
    const { notes } = await importLdirectord('test.cf', importSources({ 'test.cf': text }));
    await using theirs = await lab().namespace('ldirectord');
    await using ours = await lab().namespace('imported');
    const folder = folderOf(theirs);
    await write(theirs, 'index.html', 'A Test Page');
    await write(theirs, 'other.html', 'The Other page');
    await theirs.run(['ip', 'addr', 'add', '2001:db8::2/128', 'dev', 'lo']);
    const servers = [
      await start(theirs, `busybox httpd -f -p 0.0.0.0:8000 -h ${folder}`),
      await start(theirs, `busybox httpd -f -p [::1]:8000 -h ${folder}`),
    ];
    // The process's number is kept in a file that is named after the configuration's.
    const file = `${theirs.name}.cf`;
    await write(theirs, file, text);
    const pid = await start(theirs, `/usr/sbin/ldirectord ${folder}/${file} start`, 'log');

    const missing = () => theirs.call(guestFile, 'differences', text);
    try {
      await expect.poll(missing, PATIENCE).toEqual([]);
    } catch (error) {
      process.stdout.write(await read(theirs, 'log'));
      throw error;
    }
    expect(await ours.call(guestFile, 'applyImport', text)).toEqual([]);
    for (const view of ['-Sn', '-Ln --thresholds', '-Ln --tun-info']) {
      const there = await theirs.genuine(view.split(' '));
      const here = await ours.genuine(view.split(' '));
      expect(shown(here.stdout)).toEqual(shown(there.stdout));
    }
    // It stays so: no later check changes the table.
    expect(await missing()).toEqual([]);
    for (const one of [pid, ...servers]) await stop(theirs, one);

    const lost = notes.filter(({ kind }) => kind === 'lost');
    const said = lost.map(({ line, message }) => `    line ${line}: ${message}`);
    results.push([`${name}.cf | ${kinds} | same: yes | lost: ${lost.length}`, ...said].join('\n'));
  },
);

/** Servers in one order: additions stand where they came. */
function shown(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.replace(/\d+ +\d+ +$/, '').trim())
    .sort();
}
