import { describe, expect, test } from 'vitest';
import { optionLines, TIMEOUT_MAX } from '../../../src/rules/grammar/options.js';
import type { OptionLine } from '../../../src/rules/grammar/options.js';
import type { Case } from '../../support/lines.js';
import { useBoth } from '../../support/both.js';
import { pairsOneIn, testInPart } from '../../support/in-part.js';
import { lines, linesOf } from '../../support/lines.js';

/** What values may be: both sides of every range, and every form of a number, an address, a port. */

const both = useBoth();

const SERVICE = '-t 1.1.1.1:77';
const SERVER = `${SERVICE} -r 3.3.3.3`;

/** A line in which an option is legal, the look at what it did, and the line that takes it back. */
function around({ long, group }: OptionLine): readonly [string, string, string] {
  switch (group) {
    case 'service':
      return ['-A', '-Ln', '-D --fwmark-service VALUE'];
    case 'service options':
      return ['-A -t 1.1.1.1:78', '-Ln', '-D -t 1.1.1.1:78'];
    case 'server options': {
      const tunnel = long === 'tun-port' ? ' -i --tun-type gue' : ' -m';
      const view = long === 'tun-port' ? '--tun-info' : long === 'weight' ? '' : '--thresholds';
      return [`-a ${SERVER}${tunnel}`, `-Ln ${view}`, `-d ${SERVER}`];
    }
    case 'daemon options':
      return ['--start-daemon master --mcast-interface lo', '-L --daemon', '--stop-daemon master'];
    case 'list options':
      return ['-L', '-L', '-L'];
  }
}

/** The option with a value, and what it comes to. */
function tried(option: OptionLine, value: string): Case[] {
  const [before, view, undo] = around(option);
  const { long } = option;
  // A lower threshold may not be above the upper one.
  const also = long === 'l-threshold' ? ' -x 2147483647' : '';
  // A mark from 2³¹ on prints as negative in the genuine program: a deviation with a test of its own.
  const shown = long === 'fwmark-service' && Number(value) >= 2 ** 31 ? '--set 0 0 0' : view;
  const words = before.split(' ');
  return [
    ...lines(`${before}${also}`).map((line) => ({ words: [...line.words, `--${long}=${value}`] })),
    { words: [...words, `--${long}`, value] },
    ...lines(`${shown}\n${undo.replace('VALUE', value)}`),
  ];
}

const ranged = optionLines.filter(({ value }) => value.range !== undefined);

test('some options have a range', () => {
  expect(ranged.map(({ long }) => long)).toEqual(
    expect.arrayContaining(['weight', 'syncid', 'persistent', 'fwmark-service', 'tun-port']),
  );
});

describe('both sides of the range', () => {
  test('of options', async () => {
    const cases = ranged.flatMap((option) => {
      const [lowest, highest] = option.value.range ?? [0, 0];
      const values = [lowest - 1, lowest, highest, highest + 1].map(String);
      return values.flatMap((value) => tried(option, value));
    });
    both.load(`-A ${SERVICE}`);
    await both.agree(cases);
  });

  test('of --set', async () => {
    const values = ['-1', '0', '1', String(TIMEOUT_MAX), String(TIMEOUT_MAX + 1)];
    const cases = values.flatMap((value) => [
      `--set -- ${value} 7 7`,
      `--set -- 7 ${value} 7`,
      `--set -- 7 7 ${value}`,
      '-L --timeout',
    ]);
    both.load('');
    await both.agree([...linesOf(cases), ...lines('--set 900 120 300')]);
  });
});

describe('numbers in every form', () => {
  const forms = [
    '',
    ' 5',
    '5 ',
    '+5',
    '-5',
    '+-5',
    '010',
    '0x10',
    'x',
    '٣',
    '99999999999999999999',
    '18446744073709551617',
  ];

  testInPart('of options', 4, async (every) => {
    both.load(`-A ${SERVICE}`);
    const pairs = pairsOneIn(every, ranged, forms);
    // Attached to its option or not, a value is the same text: said once here.
    await both.agree(pairs.flatMap(([option, form]) => tried(option, form).slice(1)));
  });

  test('of --set', async () => {
    both.load('');
    await both.agree([
      ...forms.map((form) => ({ words: ['--set', '--', form, '0', form] })),
      ...lines('--set 900 120 300'),
    ]);
  });
});

describe('words that an option may be', () => {
  const chosen = optionLines.filter(({ value }) => value.choices !== undefined);

  test.each(chosen)('--$long', async ({ long, value }) => {
    const choices = value.choices ?? [];
    const words = choices.flatMap((word) => [word, word.toUpperCase(), `${word}x`, word.slice(1)]);
    both.load(`-A ${SERVICE}`);
    await both.agree([
      ...words.flatMap((word) =>
        ['', ' --tun-port 5', ' --tun-csum'].flatMap((also) =>
          lines(`-a ${SERVER} -i --${long} ${word}${also}\n-d ${SERVER}`),
        ),
      ),
      { words: [...`-a ${SERVER} -i --${long}`.split(' '), ''] },
    ]);
  });

  testInPart('schedulers, with every flag', 3, async (every) => {
    const schedulers = 'rr wrr lc wlc lblc lblcr dh sh sed nq fo ovf mh nosuch'.split(' ');
    const flags = [
      'flag-1',
      'flag-2',
      'flag-3',
      'sh-fallback',
      'sh-port',
      'mh-fallback',
      'mh-port',
    ];
    const all = [...flags, 'flag-1,flag-2,flag-3'];
    const services = schedulers.map((scheduler, index) => `-f ${index + 1} -s ${scheduler}`);
    both.load('');
    await both.agree(
      linesOf([
        ...services.map((service) => `-A ${service}`),
        ...pairsOneIn(every, services, all).map(([service, flag]) => `-E ${service} -b ${flag}`),
        '-Ln',
      ]),
    );
  });

  test('names that no kernel knows, and ones too long for it', async () => {
    both.load('');
    await both.agree([
      ...lines(`
        -A -t 1.1.1.1:10 -s ''
        -A -t 1.1.1.1:11 -s nosuch
        -A -t 1.1.1.1:12 -s averylongschedulername
        -A -t 1.1.1.1:13 --pe sip
        -A -u 1.1.1.1:13 --pe sip -p
        -A -t 1.1.1.1:14 --pe sip -p
        -A -f 14 --pe sip -p
        -A -u 1.1.1.1:14 --pe nosuch -p
        -A -u 1.1.1.1:15 --pe '' -p
        -A -u 1.1.1.1:16 --pe averylongpersistenceengine
        -A -t 1.1.1.1:16 -b foo
        -A -t 1.1.1.1:16 -b flag-1,,flag-2,
        -A -t 1.1.1.1:17 -b sh-port
        -A -t 1.1.1.1:21 -s sh -b flag-1,flag-1
        -A -t 1.1.1.1:22 -s sh -b FLAG-1
        -A -t 1.1.1.1:23 -s sh -b flag-1,foo,sh-port
        -A -t 1.1.1.1:24 -s '' -b flag-1
      `),
      { words: ['-A', '-t', '1.1.1.1:30', '-s', 'r r'] },
      { words: ['-A', '-t', '1.1.1.1:31', '-b', 'flag-1 flag-2'] },
      { words: ['-A', '-t', '1.1.1.1:32', '-b', ' flag-1'] },
    ]);
  });
});

describe('masks', () => {
  test('of IPv4 in every form of an address, of IPv6 as a number', async () => {
    const masks4 =
      '255.255.255.0 24 0 0.0.0.0 10.1 255.255.255.255 255.0.255.0 localhost zzz.invalid 0xffffff00 037777777400 4294967040 255.255.256.0 1.2.3.4.5 x';
    const masks6 = '64 64abc 0 -1 1 128 129 abc +7 010 0x10 255.255.255.0';
    const of = (service: string, masks: string) =>
      [...masks.split(' '), "''"].map(
        (mask, index) => `-A ${service.replace('@', String(index + 1))} -p -M ${mask}`,
      );
    both.load('');
    await both.agree([
      ...linesOf([
        ...of('-t 1.1.1.1:@', masks4),
        ...of('-f @', masks4),
        ...of('-t [::1]:@', masks6),
        ...of('-f @ -6', masks6),
        '-A -t [::1]:88 -M 64',
        '-A -t 1.1.1.1:88 -M 255.0.0.0',
        '-E -t 1.1.1.1:1 -p 5',
        '-E -t [::1]:1 -p 5',
        '-Z -M zzz.invalid',
        '-Z -f 1 -M zzz.invalid',
        '-Z -f 1 -6 -M 129',
        '-A -M x.invalid foo',
      ]),
    ]);
  });
});

test('port 0 and one-packet scheduling', async () => {
  both.load('');
  await both.agree(
    lines(`
      -A -t 1.1.1.1
      -A -t 1.1.1.1:0
      -A -t 1.1.1.1 -p
      -A -u 1.1.1.1 -o
      -A -u 1.1.1.1 -o -p
      -A -t [::2]:0
      -A -t ::2
      -A -t ::2 -p
      -A --sctp-service ::2 -p
      -E -t 1.1.1.1:0
      -E -t 1.1.1.1:0 -p 5
      -a -t 1.1.1.1:0 -r 2.2.2.2
      -a -t 1.1.1.1:0 -r 2.2.2.2:80 -m
      -a -t 1.1.1.1:0 -r 2.2.2.3:80 -g
      -D -t 1.1.1.1
      -A -t 1.1.1.1:22 -o
      -A -u 1.1.1.1:22 -o
      -A -f 22 -o
      -A -f 22 -6 -o
      -A --sctp-service 1.1.1.1:22 -o
      -A -t 1.1.1.1:0 -o
      -A -t 1.1.1.1:23 -6
      -A -6
      -E -u 1.1.1.1:22
      -Ln
    `),
  );
});
