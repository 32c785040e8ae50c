import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PoptReader, PoptTable } from '../../../src/rules/grammar/popt.js';

const table = new PoptTable([
  { long: 'list', shorts: ['L', 'l'], argument: 'none' as const },
  { long: 'numeric', shorts: ['n'], argument: 'none' as const },
  { long: 'weight', shorts: ['w'], argument: 'required' as const },
  { long: 'persistent', shorts: ['p'], argument: 'optional' as const },
  { long: 'set', shorts: [], argument: 'none' as const },
]);

/** The options of a line as `name` or `name=value`, a problem as `word: problem`, and then the words that are left. */
function read(...words: string[]): string {
  const reader = new PoptReader(table, words);
  const seen: string[] = [];
  for (let found = reader.read(); found !== undefined; found = reader.read()) {
    if (typeof found === 'string') return [...seen, `${reader.word}: ${found}`].join(' ');
    seen.push(found.option.long + (found.value === undefined ? '' : `=${found.value}`));
  }
  return [...seen, ...reader.leftovers.map((word) => `(${word})`)].join(' ');
}

describe('words are read as libpopt reads them', () => {
  test.each([
    [['-L', '-n'], 'list numeric'],
    [['-Ln'], 'list numeric'],
    [['--list', '--numeric'], 'list numeric'],
    [['-w5'], 'weight=5'],
    [['-w=5'], 'weight=5'],
    [['-w', '5'], 'weight=5'],
    [['-w', '=5'], 'weight==5'],
    [['--weight=5'], 'weight=5'],
    [['--weight', '5'], 'weight=5'],
    [['--weight='], 'weight='],
    [['-Lw5'], 'list weight=5'],
    [['-Lw', '5', '-n'], 'list weight=5 numeric'],
    [['-w', '-p'], 'weight=-p'],
    [['-w', '--'], 'weight=--'],
    [['-p'], 'persistent'],
    [['-p', '5'], 'persistent=5'],
    [['-p', '-n'], 'persistent numeric'],
    [['-p', '-'], 'persistent (-)'],
    [['-p', '--', '5'], 'persistent (5)'],
    [['-p='], 'persistent='],
    [['-pn'], 'persistent=n'],
    [['-Lp', '5'], 'list persistent=5'],
    [['1', '--set', '2', '3'], 'set (1) (2) (3)'],
    [['-L', '--', '-n', '--'], 'list (-n) (--)'],
    [['-L', '-'], 'list (-)'],
    [['-L', ''], 'list ()'],
    [[], ''],
  ])('%j', (words, expected) => {
    expect(read(...words)).toBe(expected);
  });

  test.each([
    [['-q'], '-q: unknown option'],
    [['-Lqn'], 'list -Lqn: unknown option'],
    [['--nosuch=3'], '--nosuch=3: unknown option'],
    [['--num'], '--num: unknown option'],
    [['-w'], '-w: missing argument'],
    [['-Lw'], 'list -Lw: missing argument'],
    [['--weight'], '--weight: missing argument'],
    [['-Ln=3'], 'list -Ln=3: option does not take an argument'],
    [['--numeric='], '--numeric=: option does not take an argument'],
    [['--set=1'], '--set=1: option does not take an argument'],
  ])('%j is a problem', (words, expected) => {
    expect(read(...words)).toBe(expected);
  });

  test('whatever the words are, reading them ends', () => {
    const word = fc.oneof(
      fc.string(),
      fc.constantFrom('-L', '-w', '-p', '--', '-', '--set', '--weight=', '-Lnpw', '-=', '--='),
    );
    fc.assert(
      fc.property(fc.array(word), (words) => {
        expect(typeof read(...words)).toBe('string');
      }),
    );
  });
});
