import fc from 'fast-check';
import { expect, test } from 'vitest';
import { padded, TextPieces } from '../../src/common/text-pieces.js';

test('pieces are joined in the order in which they were added', () => {
  const text = new TextPieces();
  text.add('a');
  text.add('');
  text.add('bc');
  expect(text.length).toBe(3);
  expect(text.take()).toBe('abc');
});

test('what was taken does not come again, also after longer text', () => {
  const text = new TextPieces();
  for (const piece of ['one', 'two', 'three']) text.add(piece);
  text.take();
  expect(text.length).toBe(0);
  text.add('x');
  expect(text.take()).toBe('x');
  expect(text.take()).toBe('');
});

test('text is filled up to a width, or to a length of all that was added', () => {
  const text = new TextPieces();
  text.add('>');
  text.addPadded('ab', 4);
  text.addPadded('longer', 4);
  text.padTo(13);
  text.padTo(5);
  text.add('<');
  expect(text.take()).toBe('>ab  longer  <');
});

test('fills up as padEnd does', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 50 }), fc.nat({ max: 40 }), (piece, width) => {
      const text = new TextPieces();
      text.addPadded(piece, width);
      expect(text.take()).toBe(piece.padEnd(width));
      expect(padded(piece, width)).toBe(piece.padEnd(width));
    }),
  );
});
