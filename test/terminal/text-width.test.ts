import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cutToWidth, padToWidth, textWidth } from '../../src/terminal/text-width.js';

test.each([
  ['', 0],
  ['web', 3],
  ['größe', 5],
  ['漢字', 4],
  ['한국', 4],
  ['e\u0301', 1],
  ['😀', 2],
  ['▁▂█', 3],
])('%j takes %i columns', (text, width) => {
  expect(textWidth(text)).toBe(width);
});

test('a cut text fits, says that it is cut, and does not halve a character', () => {
  expect(cutToWidth('abcdef', 4)).toBe('abcd');
  expect(cutToWidth('abcdef', 4, '…')).toBe('abc…');
  expect(cutToWidth('漢字漢字', 5, '…')).toBe('漢字…');
  expect(cutToWidth('漢字', 1, '…')).toBe('');
  expect(padToWidth('漢字', 6)).toBe('漢字  ');
  expect(padToWidth('12', 4, 'right')).toBe('  12');
});

test('no cut text is wider than it may be', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 40 });
  fc.assert(
    fc.property(text, fc.nat(40), (one, width) => {
      expect(textWidth(cutToWidth(one, width, '…'))).toBeLessThanOrEqual(width);
    }),
  );
});
