import { describe, expect, test } from 'vitest';
import { commandLines } from '../../src/rules/grammar/commands.js';
import type { Command } from '../../src/rules/grammar/commands.js';
import { completionFiles } from '../../src/ipvsadm/completions/files.js';
import { offersOf, wordsOf } from '../../src/ipvsadm/completions/offers.js';
import type { CommandLine } from '../../src/ipvsadm/completions/offers.js';
import type { Names } from '../../src/rules/grammar/parsed-options.js';
import { legality, optionLines } from '../../src/rules/grammar/options.js';
import type { OptionLine } from '../../src/rules/grammar/options.js';
import { parse } from '../../src/rules/parse.js';
import { readText } from '../docs/markdown.js';

const names: Names = { host: () => undefined, port: () => undefined };

/** What the program says of a command line; nothing when it is legal. */
function complaint(words: readonly string[]): string {
  const parsed = parse(words, names);
  return parsed.kind === 'error' ? parsed.error.message : '';
}

/** Values that suit the options, by the names of the values. */
const values: Readonly<Record<string, string>> = {
  ADDRESS: '192.0.2.1:80',
  MARK: '7',
  NAME: 'rr',
  SECONDS: '60',
  MASK: '255.255.255.0',
  ENGINE: 'sip',
  FLAGS: 'flag-1',
  TYPE: 'gue',
};

function typed({ long, value }: OptionLine): string[] {
  if (value.metavar === undefined) return [`--${long}`];
  const text = long === 'mcast-group' ? '224.0.0.81' : (values[value.metavar] ?? '5');
  return [`--${long}`, text];
}

/** What the options, with this command, cannot be without. */
function needed(command: Command, options: readonly OptionLine[]): string[] {
  const given = new Set(options.map(({ report }) => report));
  const wants = (report: keyof typeof legality) =>
    !given.has(report) &&
    (legality[report] as Partial<Record<Command, string>>)[command] === 'required';
  const names = options.map(({ long }) => long);
  const server = names.includes('ipv6') ? '[2001:db8::1]:80' : '10.0.0.1';
  const tunnels = options.some(({ qualifies }) => qualifies === 'ipip');
  const mark =
    wants('service-address') || (names.includes('ipv6') && !given.has('service-address'));
  return [
    ...(mark ? ['--fwmark-service', '7'] : []),
    ...(wants('real-server') ? ['--real-server', server] : []),
    ...(tunnels && !given.has('forwarding-method') ? ['--ipip'] : []),
    ...(tunnels && !given.has('tun-type') ? ['--tun-type', 'gue'] : []),
    ...(tunnels && !given.has('tun-port') ? ['--tun-port', '5'] : []),
  ];
}

/** What the program says of a line of this command and these options. */
function verdict(
  { name, long, argument, positionals }: CommandLine,
  options: readonly OptionLine[],
) {
  const words = [`--${long}`];
  if (argument !== undefined) words.push('master');
  if (positionals !== undefined) words.push('1', '2', '3');
  return complaint([...words, ...needed(name, options), ...options.flatMap(typed)]);
}

const operative = commandLines.filter(({ name }) => name !== 'help' && name !== 'version');

describe('what completion offers', () => {
  test.each(operative)('behind --$long is what is legal', (command) => {
    const offered = offersOf(command.name).map(({ option }) => option.long);
    const legal = optionLines
      .filter((option) => verdict(command, [option]) === '')
      // What is never illegal is left out where it means nothing.
      .filter(({ report, long }) => report !== undefined || offered.includes(long));
    expect(offered).toEqual(legal.map(({ long }) => long));
  });

  test.each(operative)('behind --$long is but one of two that exclude each other', (command) => {
    const pairs = offersOf(command.name).flatMap(({ option, excludedBy }, index, offers) =>
      offers.slice(index + 1).map(({ option: other }) => ({
        pair: [option, other],
        excluded: excludedBy.includes(other),
      })),
    );
    const wrong = pairs.filter(
      ({ pair, excluded }) =>
        excluded !== /multiple|conflict|Illegal|before -f/.test(verdict(command, pair)),
    );
    expect(wrong.map(({ pair }) => pair.map(({ long }) => long).join(' '))).toEqual([]);
  });

  test('behind each option is not that option again', () => {
    const offers = commandLines.flatMap(({ name }) => offersOf(name));
    expect(offers.filter(({ option, excludedBy }) => !excludedBy.includes(option))).toEqual([]);
  });

  test('behind --help and --version is nothing', () => {
    expect([...offersOf('help'), ...offersOf('version')]).toEqual([]);
  });
});

describe('the words that complete a value', () => {
  const withWords = optionLines.filter(({ value }) => wordsOf(value).length > 0);

  test('are those of schedulers, engines, flags and tunnel types', () => {
    expect(withWords.map(({ long }) => long)).toEqual([
      'scheduler',
      'pe',
      'sched-flags',
      'tun-type',
    ]);
  });

  test.each(withWords)('of --$long differ, and need no quotes', ({ value }) => {
    const words = wordsOf(value).map(({ word }) => word);
    expect(new Set(words).size).toBe(words.length);
    expect(words.filter((word) => !/^[a-z0-9-]+$/.test(word))).toEqual([]);
    // Scripts write explanations between double quotes, and behind a colon.
    expect(wordsOf(value).filter(({ help = '' }) => /["$`\\:]/.test(help))).toEqual([]);
  });

  test('are legal: schedulers, engines and flags', () => {
    const lines = withWords.flatMap(({ long, value }) =>
      wordsOf(value).map(({ word, scheduler = 'rr' }) =>
        long === 'tun-type'
          ? `-a -f 7 -r 10.0.0.1 -i --tun-type ${word}${word === 'gue' ? ' --tun-port 5' : ''}`
          : `-A -f 7 --${long} ${word}${long === 'scheduler' ? '' : ` -s ${scheduler}`}`,
      ),
    );
    expect(lines.map((line) => complaint(line.split(' ')))).toEqual(lines.map(() => ''));
  });

  test('do not keep a scheduler or an engine of a newer kernel out', () => {
    expect(complaint('-A -t 192.0.2.1:80 -s newest -p 60 --pe newer'.split(' '))).toBe('');
  });

  test('of a daemon are its states, and no others', () => {
    const daemons = commandLines.filter(({ choices }) => choices !== undefined);
    expect(daemons.map(({ long }) => long)).toEqual(['start-daemon', 'stop-daemon']);
    for (const { long, choices = [] } of daemons) {
      expect(choices.map((word) => complaint([`--${long}`, word]))).toEqual(['', '']);
      expect(complaint([`--${long}`, 'other'])).not.toBe('');
    }
  });

  test('are in the manual', () => {
    const page = readText('man/ipvsadm.8').replaceAll('\\-', '-');
    const words = withWords.flatMap(({ value }) => wordsOf(value).map(({ word }) => word));
    expect(words.filter((word) => !new RegExp(`\\b${word}\\b`).test(page))).toEqual([]);
  });
});

describe.each(Object.entries(completionFiles()))('%s', (_, script) => {
  const fish = script.includes('complete -c');

  test('says that it is generated', () => {
    expect(script.split('\n')[1]).toMatch(/^# Generated from ipvsadm's tables .*: do not edit\.$/);
  });

  test.each([...commandLines, ...optionLines])('has --$long', ({ long, short }) => {
    expect(script).toContain(fish ? ` -l ${long} ` : `--${long}`);
    if (short !== undefined) expect(script).toContain(fish ? ` -s ${short} ` : `-${short}`);
  });

  test('has every word that a value may be', () => {
    const words = [...optionLines.flatMap(({ value }) => wordsOf(value)).map(({ word }) => word)];
    expect(words.filter((word) => !new RegExp(`\\b${word}\\b`).test(script))).toEqual([]);
  });

  test('evaluates no text', () => {
    expect(script).not.toMatch(/\beval\b|\bsource\b|_call_program/);
  });
});

test('options that the table names by name exist', () => {
  const longs = optionLines.map(({ long }) => long);
  const named = optionLines.flatMap(({ qualifies = [] }) => qualifies);
  expect(named.filter((name) => !longs.includes(name))).toEqual([]);
  expect(named).not.toEqual([]);
});
