import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { optionLines } from '../../../src/rules/grammar/options.js';
import type { CommandResult } from '../../lab/lab.js';
import { useBoth } from '../../support/both.js';
import { pairsOneIn, testInPart } from '../../support/in-part.js';
import { lines, linesOf } from '../../support/lines.js';
import { TABLE, WITHOUT_THRESHOLDS } from './tables.js';

/** Listings as the genuine program writes them. */

const both = useBoth();

const VIEWS = [
  '',
  '--stats',
  '--rate',
  '--thresholds',
  '--persistent-conn',
  '--tun-info',
  '--stats --exact',
  '--rate -X',
  '-X',
  '--sort',
  '--stats --rate --thresholds',
];

const SERVICES = [
  '-t 10.0.0.1:80',
  '-t 10.0.0.1:81',
  '-t 10.0.0.1:85',
  '-u 10.0.0.1:53',
  '-u 10.0.0.1:54',
  '-u [2001:db8::1]:53',
  '-f 5',
  '-f 6 -6',
  '--sctp-service 10.0.0.1:99',
  '-t [2001:db8::1]:80',
];

/** Lists of one service that show it as the whole table's do, but for what stands around it. */
const ONCE = ['-t 10.0.0.1:86', '-u 10.0.0.1:55', '-f 2147483647', '-t [2001:db8::1]:0'];

describe('every view of every kind of service and real server', () => {
  test('of all', async () => {
    both.load(TABLE);
    await both.agree(linesOf(VIEWS.flatMap((view) => [`-L -n ${view}`, `-L ${view}`])));
  });

  testInPart('of one service', 5, async (every) => {
    both.load(TABLE);
    const pairs = pairsOneIn(every, SERVICES, VIEWS).map((pair) => pair.join(' '));
    await both.agree(linesOf(pairs.flatMap((words) => [`-L -n ${words}`, `-L ${words}`])));
  });

  test('also where it needs no view of its own', async () => {
    both.load(TABLE);
    await both.agree(linesOf(ONCE.flatMap((service) => [`-L ${service}`, `-Ln ${service}`])));
  });

  test('in an empty table', async () => {
    both.load('');
    await both.agree(linesOf(VIEWS.map((view) => `-L ${view}`)));
  });
});

test('forwarding methods that only the kernel or another program can have set', async () => {
  const rules = '-A -t 10.0.0.1:80\n-A -t [2001:db8::1]:80';
  await both.loadNow(rules);
  const file = join(import.meta.dirname, '../fixtures/client-calls.ts');
  const web = { protocol: 'tcp', address: '10.0.0.1', port: 80 };
  for (const namespace of [both.ours(), both.genuine()]) {
    const destination = { address: '10.0.1.1', port: 80 };
    const settings = { forwardingMethod: 'local' };
    const added = namespace.call(file, 'call', 'addDestination', web, destination, settings);
    expect(await added).toEqual({ value: null });
  }
  const results = await both.agree(linesOf(['-Sn', ...VIEWS.map((view) => `-Ln ${view}`)]));
  expect(results[1]?.stdout).toContain('10.0.1.1:80                  Local ');
});

describe('options of lists, two of them', () => {
  const words = optionLines
    .filter(({ group }) => group === 'list options')
    .map(({ long }) => `--${long}`);

  testInPart('every pair, in either order', 5, async (every) => {
    both.load('-A -t 127.0.0.1:80 -p\n-a -t 127.0.0.1:80 -r 127.0.0.2 -i -w 7\n-A -f 1');
    const pairs = pairsOneIn(every, words, words);
    await both.agree(linesOf(pairs.map((pair) => `-L ${pair.join(' ')}`)));
  });

  testInPart('each with a service', 3, async (every) => {
    both.load(TABLE);
    const places = [
      (word: string) => `-L -t 10.0.0.1:80 ${word}`,
      (word: string) => `-Ln ${word} -f 6 -6`,
      (word: string) => `-L ${word} -t 10.9.9.9:80`,
    ];
    await both.agree(linesOf(pairsOneIn(every, words, places).map(([word, place]) => place(word))));
  });
});

describe('without sorting', () => {
  testInPart('services with their real servers, in the order of the kernel', 2, async (every) => {
    both.load(TABLE);
    const pairs = pairsOneIn(every, VIEWS, ['-Ln', '-L']);
    await both.agree(linesOf(pairs.map(([view, list]) => `${list} --nosort ${view}`)));
  });
});

test('without a command, timeouts, daemons, rules', async () => {
  both.load(WITHOUT_THRESHOLDS);
  await both.agree([
    { words: [] },
    ...lines(
      '-l\n-Lc\n-Lnc\n-L -c --persistent-conn\n-L --timeout\n-L --daemon\n-S\n-Sn\n-S -n\n-L -t 10.0.0.77:80\n-L -f 77',
    ),
    { words: ['-n'], program: 'ipvsadm-save' },
    { words: [], program: 'ipvsadm-save' },
    { words: ['x', '-n'], program: 'ipvsadm-save' },
  ]);
});

test('connections, in the same table at the same time', async () => {
  await both.loadNow(
    `-A -u 127.0.0.1:1001 -s rr
     -a -u 127.0.0.1:1001 -r 127.0.0.1:2001 -m
     -A -u [::1]:1002 -s rr -p 60
     -a -u [::1]:1002 -r [::1]:2002 -m
     -A -u 127.0.0.1:5060 -s rr -o -p 60 --pe sip
     -a -u 127.0.0.1:5060 -r 127.0.0.1:2003 -m
     -A -u 127.0.0.1:5061 -s rr -p 60 -M 255.255.0.0
     -a -u 127.0.0.1:5061 -r 127.0.0.1:2004 -m`,
  );
  const invite = 'INVITE sip:a@example.org SIP/2.0\r\nCall-ID: 4711@example.org\r\n\r\n';
  const datagrams = [
    { host: '127.0.0.1', port: 1001, text: 'one' },
    { host: '127.0.0.1', port: 1001, text: 'two' },
    { host: '::1', port: 1002, text: 'persistent' },
    { host: '127.0.0.1', port: 5060, text: invite },
    { host: '127.0.0.1', port: 5061, text: 'masked' },
  ];
  const guest = join(import.meta.dirname, 'guest.ts');
  expect(await both.ours().call(guest, 'send', datagrams, 7)).toContain('sip');
  const views = ['-Lnc', '-Lc', '-Lnc --persistent-conn', '-Lc --persistent-conn --sort'];
  for (const line of views) {
    const genuine = withoutExpiry(await both.ours().genuine(line.split(' ')));
    expect([line, withoutExpiry(await both.ours().ipvsadm(line.split(' ')))]).toEqual([
      line,
      genuine,
    ]);
    expect(genuine.stdout.split('\n').length).toBeGreaterThan(8);
  }
});

/** Time goes on between one program and the other. */
function withoutExpiry({ stdout, ...rest }: CommandResult): CommandResult {
  return { ...rest, stdout: stdout.replaceAll(/^(\S+ +)\d+:\d\d/gm, '$1mm:ss') };
}
