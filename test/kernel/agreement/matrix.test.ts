import fc from 'fast-check';
import { describe, test } from 'vitest';
import { commandLines } from '../../../src/rules/grammar/commands.js';
import { optionLines } from '../../../src/rules/grammar/options.js';
import { useBoth } from '../../support/both.js';
import { pairsOneIn, testInPart } from '../../support/in-part.js';
import { linesOf } from '../../support/lines.js';
import { needs, samples, TABLE, WITHOUT_THRESHOLDS } from './tables.js';

/** Every command with every option, and every command on every state of the table. */

const both = useBoth();

describe('every option with every command', () => {
  const options = optionLines.map(({ long, value: { metavar } }) => {
    const sample = long === 'mcast-group' ? '224.0.0.9' : samples[metavar ?? ''];
    return metavar === undefined ? `--${long}` : `--${long} ${sample ?? ''}`;
  });

  const tunnels = (['list', 'add-server', 'edit-server', 'delete-server'] as const).map(
    (command) => [`${command}, beside one for tunnels`, `${needs[command]} -i`] as const,
  );
  const beginnings = [...Object.entries(needs), ...tunnels];

  test('one option in eight with each command', async () => {
    const lines = beginnings.map(([, line]) => line);
    // What clears the table comes last.
    const ordered = [...lines.filter((line) => line !== '-C'), '-C'];
    const pairs = pairsOneIn(8, ordered, options).map((pair) => pair.join(' '));
    both.load(WITHOUT_THRESHOLDS);
    await both.agree(linesOf(pairs));
  });

  test.each(beginnings)('%s', { tags: 'long' }, async (_command, line) => {
    both.load(WITHOUT_THRESHOLDS);
    await both.agree(linesOf([line, ...options.map((option) => `${line} ${option}`)]));
  });

  testInPart('where nothing else is said', 3, async (every) => {
    both.load(WITHOUT_THRESHOLDS);
    const pairs = pairsOneIn(every, ['-A', '-d', '--set'], options);
    await both.agree(linesOf(pairs.map((pair) => pair.join(' '))));
  });
});

describe('every command on every state of the table', () => {
  const commands = [
    ...Object.values(needs),
    '-A -t 10.0.0.1:80',
    '-A -u 10.0.0.1:53 -o',
    '-E -f 5 -s rr -p 30',
    '-a -f 5 -r 10.0.1.1:80 -m',
    '-e -f 5 -r 10.0.1.1:80 -i -w 7',
    '-d -f 5 -r 127.0.0.1',
    '-D -f 5 -6',
    '-E -t [2001:db8::1]:80 -p -M 1',
    '-a -t [2001:db8::1]:80 -r 2001:db8::7 -x 5 -y 5',
    '-e -t [2001:db8::1]:80 -r [2001:db8::99]:80',
    '-d -t [2001:db8::1]:80 -r [2001:db8::99]:80',
    '-Z -f 5',
    '-L -n -f 5',
    '-L -n -t 10.0.0.1:80 --tun-info',
    '-L --timeout',
    '-L --daemon',
    '-Ln --stats',
    '-Lnc',
    '-C',
    '-Ln',
  ];
  const states = {
    empty: '',
    'every kind': TABLE,
  };
  const further = {
    'one service': '-A -t 10.0.0.1:80',
    'one real server': '-A -f 5\n-a -f 5 -r 10.0.1.1:80 -m',
    'persistent services': '-A -t 10.0.0.1:80 -p 30 -M 255.255.0.0\n-A -f 5 -p\n-A -f 5 -6 -p -M 7',
    'IPv6 alone': '-A -t [2001:db8::1]:80\n-a -t [2001:db8::1]:80 -r [2001:db8::99]:80 -m',
    'other timeouts': '--set 11 12 13\n-A -u 10.0.0.1:53 -o',
    'a daemon': '--start-daemon backup --mcast-interface lo --syncid 9',
  };

  const compare = async (_state: string, rules: string) => {
    both.load(rules);
    const order = commands.filter((line) => rules !== TABLE || !line.startsWith('-S'));
    const after = rules.includes('daemon') ? ['--stop-daemon backup'] : [];
    // Clearing comes last, as it leaves nothing for the rest.
    await both.agree(linesOf([...order.filter((line) => line !== '-C'), '-C', '-Ln', ...after]));
  };
  test.each(Object.entries(states))('%s', compare);
  test.each(Object.entries(further))('%s', { tags: 'long' }, compare);
});

describe('a second command, help or version behind the first option', () => {
  testInPart('is an invalid option', 3, async (every) => {
    const words = commandLines.flatMap(({ long, short, alias }) => [
      `--${long}`,
      ...[short, alias].filter((one) => one !== undefined).map((one) => `-${one}`),
    ]);
    both.load('');
    const ways = [
      (word: string) => `-L ${word} master`,
      (word: string) => `-Z ${word}`,
      (word: string) => `-n ${word}`,
    ];
    await both.agree(linesOf(pairsOneIn(every, words, ways).map(([word, way]) => way(word))));
  });
});

describe('lines made up of the words of the tables', () => {
  // What may stand in any order, or be empty, in ours alone is left out: deviations, with tests of their own.
  const ownOrder = ['ipv6', 'netmask', 'sched-flags', 'real-server'];
  const others = ['help', 'version', 'restore', 'flush'];
  const namesOf = (all: readonly { readonly long: string; readonly short?: string }[]) =>
    all.flatMap(({ long, short }) => [`--${long}`, ...(short === undefined ? [] : [`-${short}`])]);
  const options = namesOf(optionLines.filter(({ long }) => !ownOrder.includes(long)));
  const commands = namesOf(commandLines.filter(({ name }) => !others.includes(name)));
  const values = [
    ...Object.values(samples),
    ...['10.0.0.1:80', '10.0.1.2', '[2001:db8::1]:80', '2001:db8::1', '5', '1', '0', '3', '-1'],
    ...['rr', 'sh', 'gue', 'master', 'backup', 'lo', 'x', '', '-', '--'],
  ];

  const option = fc.constantFrom(...options);
  const value = fc.constantFrom(...values);
  const attached = fc.tuple(option, fc.constantFrom('', '='), value).map((all) => all.join(''));
  const word = fc.oneof(option, value, attached);
  const beginning = fc.constantFrom(
    ...commands,
    ...Object.values(needs).filter((line) => line !== '-C' && line !== '-R'),
    '-a -f 5 -r 10.9.9.9 -i',
    '--start-daemon backup --mcast-interface lo',
  );
  const line = fc
    .tuple(beginning, fc.array(word, { maxLength: 4 }))
    .map(([first, rest]) => ({ words: [...first.split(' '), ...rest] }));

  const LINES = 250;
  testInPart('end the same way', 5, async (every) => {
    both.load(WITHOUT_THRESHOLDS);
    await both.agree([
      ...fc.sample(line, { numRuns: LINES / every, seed: 1 }),
      ...linesOf(['--stop-daemon master', '--stop-daemon backup', '--set 900 120 300']),
    ]);
  });
});
