import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readLines } from '../../src/rules/read-lines.js';
import { collect } from '../../src/common/collect.js';

// eslint-disable-next-line @typescript-eslint/require-await -- a source is asynchronous
async function* source(pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* pieces;
}

const lines = async (...pieces: readonly (string | Uint8Array)[]) => {
  const raw = pieces.map((piece) => (typeof piece === 'string' ? Buffer.from(piece) : piece));
  return (await collect(readLines(source(raw)))).flat();
};

test.each([
  [[], []],
  [[''], []],
  [['a'], ['a']],
  [['a\n'], ['a']],
  [['a\nb'], ['a', 'b']],
  [['\n\n'], ['', '']],
  [['a\r\nb'], ['a\r', 'b']],
  [
    ['a', 'b\nc', '\n'],
    ['ab', 'c'],
  ],
])('the pieces %j are the lines %j', async (pieces, expected) => {
  expect(await lines(...pieces)).toEqual(expected);
});

test('a character may be split over pieces', async () => {
  const euro = Buffer.from('€');
  expect(await lines(euro.subarray(0, 1), euro.subarray(1))).toEqual(['€']);
});

test('bytes that are no UTF-8 become U+FFFD', async () => {
  expect(await lines(Uint8Array.of(0xff, 0x0a))).toEqual(['\ufffd']);
  expect(await lines(Uint8Array.of(0x61, 0xe2))).toEqual(['a\ufffd']);
});

test('wherever a text is cut, its lines are the same', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.string({ unit: fc.constantFrom('a', '\n', '€') }),
      fc.nat(20),
      async (text, at) => {
        const bytes = Buffer.from(text);
        expect(await lines(bytes.subarray(0, at), bytes.subarray(at))).toEqual(await lines(bytes));
      },
    ),
  );
});
