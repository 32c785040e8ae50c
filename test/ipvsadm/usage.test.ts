/** Command lines that are wrong, and whatever else comes: each ends in a text and a status that are defined. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { commandLines } from '../../src/rules/grammar/commands.js';
import { optionLines } from '../../src/rules/grammar/options.js';
import { command, commandWords } from '../support/command.js';
import type { Outcome } from '../support/command.js';
import { machineTexts, messages, patternOf, textOf, wordsOf } from '../support/messages.js';

/** A kernel that must not be asked. */
const untouched = () => {
  throw new Error('a socket was opened');
};

async function refusal(words: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await commandWords(words, { kernel: untouched });
  expect(stdout).toBe('');
  return `${status} ${stderr}`;
}

const SERVICE = ['-A', '-t', '192.0.2.1:80'];

describe('a wrong command line is reported without asking the kernel', () => {
  // There is no such service: that the kernel has to say.
  const early = messages.filter(
    ({ line, table, refusal: refused, unreachable, program, stdin }) =>
      line !== '-Z -t 0.0.0.0:0' &&
      [table, refused, unreachable, program, stdin].every((one) => one === undefined),
  );

  test.each(early)('ipvsadm $line', async (message) => {
    expect(await refusal(wordsOf(message))).toBe(`${message.status} ${textOf(message)}\n`);
  });

  test('also when its list of scheduler flags is only commas', async () => {
    expect(await refusal([...SERVICE, '-b', ','])).toBe("2 invalid scheduler flag `'\n");
  });

  test('control characters of a word do not reach the terminal', async () => {
    expect(await refusal(['-L', 'a\u001b[2Jb\u009bc\nd'])).toBe(
      '2 unexpected argument a?[2Jb?c?d\n',
    );
  });
});

describe('what is complained of first', () => {
  test.each([
    ['-L -w x -q', '2 illegal weight specified\n'],
    ['-L -w 1 -q', '255 -q: unknown option\n'],
    ['-L -w 1 foo', '2 unexpected argument foo\n'],
    ['-D -t 192.0.2.1:80 -b foo', "2 invalid scheduler flag `foo'\n"],
    ['--set 1 2 -6', '2 -6 used before -f\n\n'],
    ['-L -6 foo', '2 -6 used before -f\n\n'],
    ['-Z -M x foo', '2 illegal virtual server persistent mask specified\n'],
    ['-Z -f 1 -M x.invalid', '2 illegal virtual server persistent mask specified\n'],
    ['-Z -f 1 -6 -M 129', '2 illegal ipv6 netmask specified\n'],
    ['-L -w 1 --timeout --stats', "2 Illegal 'weight' option with the 'list' command\n"],
  ])('%s', async (line, expected) => {
    expect(await refusal(line.split(' '))).toBe(expected);
  });
});

/** Every text there is, with anything for what is filled in. */
const defined = [
  ...new Set(
    [...messages.map(({ text }) => text), ...machineTexts].map((text) =>
      patternOf(text, '[^\\n]*'),
    ),
  ),
];
const DEFINED = new RegExp(`^(?:(?:${defined.join('|')})\\n)*$`);
// eslint-disable-next-line no-control-regex -- they are what must not be there
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/;

/** A known status; a defined text unless that is 0; nothing that steers a terminal, no stack. */
function expectDefined({ status, stderr }: Outcome, statuses: readonly number[]): void {
  expect(statuses).toContain(status);
  expect(stderr === '').toBe(status === 0);
  expect(stderr).toMatch(DEFINED);
  expect(stderr).not.toMatch(CONTROL);
  expect(stderr).not.toMatch(/\n\s+at .*:\d+|TypeError|RangeError/);
}

const samples = [
  ...['192.0.2.1:80', '192.0.2.1', '10.0.0.2:8080', '[2001:db8::1]:80', '2001:db8::1', 'localhost'],
  ...['::', '0.0.0.0:0', 'http', 'web.invalid:80', '255.255.255.0', '64', '224.0.0.81', 'ff02::1'],
  ...['rr', 'wlc', 'sh', 'mh', 'nosuch', 'sip', 'flag-1,sh-port', 'mh-port', 'gue', 'gre', 'ipip'],
  ...['master', 'backup', 'eth0', 'lo', 'averylonginterfacename', '1', '2', '3', '0', '-1', '+5'],
  ...['010', '0x10', '5 ', '', '-', '--', '---', '=', '-=', '--=', '#', 'ipvsadm', '٣', '\u0000'],
];
const edges = optionLines.flatMap(({ value: { range = [] } }) =>
  range.flatMap((edge) => [edge - 1, edge, edge + 1].map(String)),
);
const choices = optionLines.flatMap(({ value }) => value.choices ?? []);
const names = [...commandLines, ...optionLines].flatMap(({ long, short }) =>
  short === undefined ? [`--${long}`] : [`--${long}`, `-${short}`],
);
const letters = names.filter((name) => name.length === 2).map((name) => name.slice(1));

/** Words from the tables, alone and run together, and words of any characters. */
const name = fc.constantFrom(...names);
const value = fc.oneof(
  fc.constantFrom(...samples, ...edges, ...choices),
  fc.string({ unit: 'binary' }),
);
const word = fc.oneof(
  { weight: 6, arbitrary: name },
  { weight: 6, arbitrary: value },
  fc.tuple(name, fc.constantFrom('', '='), value).map((parts) => parts.join('')),
  fc
    .array(fc.constantFrom(...letters), { minLength: 2, maxLength: 5 })
    .map((all) => `-${all.join('')}`),
  fc.string({ unit: 'grapheme' }).map((text) => `--${text}`),
);
const lineOfCommand = fc
  .tuple(name, fc.array(word, { maxLength: 7 }))
  .map(([first, rest]) => [first, ...rest]);
const words = fc.oneof(fc.array(word, { maxLength: 8 }), lineOfCommand);

/** What scripts make of a line that is right: the more of it stands, the deeper it gets. */
const almost = fc
  .tuple(
    fc.constantFrom(
      '-A -t 192.0.2.1:80',
      '-A -f 7',
      '-E -t 192.0.2.1:80',
      '-a -f 7 -r 10.0.0.2',
      '-a -t 192.0.2.1:80 -r 10.0.0.2 -i',
      '-e -f 7 -r 10.0.0.2 -m',
      '--start-daemon master',
      '--set 1 2 3',
      '-L',
      '-Z',
    ),
    fc.array(word, { maxLength: 3 }),
  )
  .map(([line, rest]) => [...line.split(' '), ...rest]);

describe('whatever the words are', () => {
  test.each(['ipvsadm', 'ipvsadm-save', 'ipvsadm-restore'] as const)(
    '%s ends with a text and a status that are defined',
    async (program) => {
      await fc.assert(
        fc.asyncProperty(fc.oneof(words, almost), async (line) => {
          const outcome = await commandWords(line, { program, stdin: '-A -f 7' });
          expectDefined(outcome, [0, 1, 2, 255]);
        }),
        { numRuns: program === 'ipvsadm' ? 2000 : 200 },
      );
    },
  );
});

describe('whatever standard input is', () => {
  const rule = fc.oneof(words, almost).map((line) => line.join(' '));
  const input = fc.oneof(
    fc.array(rule).map((rules) => rules.join('\n')),
    fc.array(rule, { minLength: 1 }).map((rules) => rules.join('\r\n')),
    fc.string({ unit: 'binary' }),
    // NUL, control characters, what is no UTF-8.
    fc.uint8Array({ maxLength: 300 }),
    fc
      .array(fc.constantFrom(0, 9, 10, 13, 27, 32, 45, 65, 0x80, 0xc3, 0xff))
      .map((bytes) => Uint8Array.from(bytes)),
    fc
      .tuple(fc.integer({ min: 1, max: 70_000 }), fc.string({ minLength: 1, maxLength: 3 }))
      .map(([length, text]) => `-A ${text.repeat(length).slice(0, length)}\n`),
  );

  test.each(['ipvsadm', 'ipvsadm-restore'] as const)(
    'a restore by %s ends with a text for every line, and a status that are defined',
    async (program) => {
      await fc.assert(
        fc.asyncProperty(input, async (stdin) => {
          const outcome = await command('-R', { program, stdin: [stdin] });
          expectDefined(outcome, [0, 2, 255]);
          const complaints = outcome.stderr.match(/^line \d+: /gm) ?? [];
          expect(complaints.length > 0).toBe(outcome.status !== 0);
        }),
        { numRuns: 500 },
      );
    },
  );

  test('a line of rules may be in pieces, with a character cut in two', async () => {
    const { status, stderr } = await command('-R', {
      stdin: [Uint8Array.of(0x2d, 0x41, 0x20, 0xc3), Uint8Array.of(0xa4, 0x0a)],
    });
    expect([status, stderr]).toEqual([2, 'line 1: unexpected argument ä\n  -A ä\n']);
  });
});
