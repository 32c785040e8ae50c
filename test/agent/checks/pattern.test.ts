import { describe, expect, test } from 'vitest';
import { CheckError } from '../../../src/agent/checks/check-type.js';
import { compilePattern } from '../../../src/agent/checks/pattern.js';

describe('a pattern', () => {
  test('is found anywhere in a text', () => {
    expect(compilePattern('rea.y').matches('it is ready now')).toBe(true);
    expect(compilePattern('^ready$').matches('it is ready now')).toBe(false);
    expect(compilePattern('(?i)READY').matches('ready')).toBe(true);
    expect(compilePattern('').matches('')).toBe(true);
  });

  test('takes `.` for anything but the end of a line, and flags that change this', () => {
    expect(compilePattern('a.b').matches('a\nb')).toBe(false);
    expect(compilePattern('(?s)a.b').matches('a\nb')).toBe(true);
    expect(compilePattern('(?m)^b$').matches('a\nb\nc')).toBe(true);
  });

  test('sees letters beyond ASCII', () => {
    expect(compilePattern('^\\pL+$').matches('läuft')).toBe(true);
    expect(compilePattern('^.$').matches('😀')).toBe(true);
  });

  test('looks at the first 64 Ki characters', () => {
    expect(compilePattern('end').matches('x'.repeat(65_533) + 'end')).toBe(true);
    expect(compilePattern('end').matches('x'.repeat(65_534) + 'end')).toBe(false);
  });

  test('is compiled once for all who have it', () => {
    expect(compilePattern('same')).toBe(compilePattern('same'));
  });

  test('is not kept for ever', () => {
    const first = compilePattern('kept-0');
    for (let index = 1; index <= 200; index += 1) compilePattern(`kept-${index}`);
    expect(compilePattern('kept-0')).not.toBe(first);
  });
});

describe('a search takes time in proportion to the text', () => {
  // Any of these keeps an engine that tries each way busy for longer than a machine lives.
  const letters = 'a'.repeat(65_535);
  test.each([
    ['(a+)+$', `${letters}!`],
    ['^(a|a)*$', `${letters}!`],
    ['(a|aa)+$', `${letters}!`],
    ['^(([a-z])+.)+[A-Z]([a-z])+$', letters],
    ['(.*)*x', letters],
    ['(x+x+)+y', 'x'.repeat(65_536)],
    ['(?:a?){30}a{30}b', letters],
    ['([a-zA-Z]+)*\\d', letters],
    ['(?:a|b)*a(?:a|b){20}c', 'ab'.repeat(32_768)],
    ['^(?:.*,){20}P', '1,'.repeat(32_768)],
  ])('%s', (source, text) => {
    expect(compilePattern(source).matches(text)).toBe(false);
  });
});

describe('a pattern that cannot be used is refused with the reason', () => {
  const problem = (source: string): string => {
    try {
      compilePattern(source);
    } catch (error) {
      expect(error).toBeInstanceOf(CheckError);
      return (error as CheckError).message;
    }
    return 'accepted';
  };
  const tooLong =
    'it would take too long to search for; write it with fewer or smaller repetitions';
  const time = 'since searches must take little time';

  test.each([
    ['(a', `missing closing ) at '(a'`],
    ['a)', `unexpected ) at 'a)'`],
    ['[z-a]', `invalid character class range at 'z-a'`],
    ['*a', `missing argument to repetition operator at '*'`],
    ['a\\', 'trailing backslash at end of expression'],
    ['a{1001}', `invalid repeat count at '{1001}'`],
    ['(a{1000}){1000}', `invalid repeat count at '{1000}'`],
    ['(?:a{30}){30}', tooLong],
    ['(?=a)b', `lookahead cannot be used at '(?=', ${time}`],
    ['a(?!b)', `lookahead cannot be used at '(?!', ${time}`],
    ['(?<=a)b', `lookbehind cannot be used at '(?<=a)b', ${time}`],
    ['(?<!a)b', `lookbehind cannot be used at '(?<!a)b', ${time}`],
    ['(?>a)b', `an atomic group cannot be used at '(?>', ${time}`],
    ['(a)\\1', `a backreference cannot be used at '\\1', ${time}`],
    ['(?P<n>a)(?P=n)', `a backreference cannot be used at '(?P', ${time}`],
    ['(?<n>a)\\k<n>', `a backreference cannot be used at '\\k', ${time}`],
  ])('%s', (source, reason) => {
    expect(problem(source)).toBe(`the regular expression '${source}' cannot be used: ${reason}`);
  });

  test('and it is shown without what could control a terminal, and in part if it is long', () => {
    expect(problem('\u001b[31m(')).toBe(
      `the regular expression '?[31m(' cannot be used: missing closing ] at '[31m('`,
    );
    expect(problem('x'.repeat(2001))).toBe(
      `the regular expression '${'x'.repeat(60)}…' cannot be used: it has 2001 characters, at most 2000 are allowed`,
    );
  });

  test('however deep it is nested', () => {
    expect(problem('('.repeat(1000) + ')'.repeat(1000))).toMatch(/nests too deeply|too long/);
  });
});
