import { expect, test } from 'vitest';
import { matches, withoutBraces } from '../../src/common/glob.js';

test.each([
  ['a.conf', '*.conf', true],
  ['.a.conf', '*.conf', false],
  ['.a', '.*', true],
  ['ab', 'a?', true],
  ['b1', '[a-c][!2]', true],
  ['b2', '[a-c][!2]', false],
  ['a]', 'a[]]', true],
  ['abc', 'a*b', false],
  ['a+b', 'a+b', true],
])('whether %s matches %s: %s', (name, pattern, expected) => {
  expect(matches(name, pattern)).toBe(expected);
});

test('many stars do not take long', () => {
  expect(matches('a'.repeat(250), `${'*a'.repeat(100)}b`)).toBe(false);
});

test('braces stand for each of their words', () => {
  expect(withoutBraces('a{b,c{d,e}}f')).toEqual(expect.arrayContaining(['abf', 'acdf', 'acef']));
  expect(withoutBraces('{a,b}'.repeat(30)).length).toBeLessThanOrEqual(1000);
});
