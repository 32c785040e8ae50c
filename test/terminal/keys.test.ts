import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KeyReader } from '../../src/terminal/keys.js';
import type { Key } from '../../src/terminal/keys.js';

const ESC = '\u001B';
const bytesOf = (text: string) => new TextEncoder().encode(text);

function keysOf(...pieces: readonly string[]): string[] {
  const reader = new KeyReader();
  const keys = pieces.flatMap((piece) => reader.read(bytesOf(piece)));
  return [...keys, ...reader.flush()].map(shown);
}

function shown(key: Key): string {
  if (key.type === 'named') return key.name;
  return key.type === 'paste' ? `paste ${key.text}` : key.character;
}

test.each([
  ['q', ['q']],
  ['aß漢😀', ['a', 'ß', '漢', '😀']],
  [`${ESC}[A${ESC}[B${ESC}OC${ESC}[D`, ['up', 'down', 'right', 'left']],
  [`${ESC}[1;5A${ESC}[5~${ESC}[6~${ESC}[3;2~`, ['up', 'page-up', 'page-down', 'delete']],
  [`${ESC}[H${ESC}[4~${ESC}[1~${ESC}OF`, ['home', 'end', 'home', 'end']],
  ['\r\n\t\u007F\b', ['enter', 'enter', 'tab', 'backspace', 'backspace']],
  ['\u0003\u001A\u000C', ['ctrl-c', 'ctrl-z', 'ctrl-l']],
  [ESC, ['escape']],
  [`${ESC}${ESC}[A`, ['escape', 'up']],
  // Alt and a key, a mouse, a function key: nothing that is known here.
  [`${ESC}xq`, ['q']],
  [`${ESC}[<0;10;10Mq`, ['q']],
  [`${ESC}[15~q`, ['q']],
  ['\u0001\u0000q', ['q']],
])('%j is %j', (text, keys) => {
  expect(keysOf(text)).toEqual(keys);
});

test('a key whose bytes come one by one is one key', () => {
  expect(keysOf(ESC, '[', '5', '~', ESC, 'O', 'A')).toEqual(['page-up', 'up']);
  const reader = new KeyReader();
  const keys = Array.from(bytesOf('漢'), (byte) => reader.read(Uint8Array.of(byte))).flat();
  expect(keys.map(shown)).toEqual(['漢']);
});

test('what is pasted is one piece, however it comes, and no key in it counts', () => {
  const text = `${ESC}[200~q${ESC}[A\u0003${ESC}[201~x`;
  const keys = [`paste q${ESC}[A\u0003`, 'x'];
  expect(keysOf(text)).toEqual(keys);
  expect(keysOf(...Array.from(text))).toEqual(keys);
});

test('a paste without end is not kept without bound', () => {
  const reader = new KeyReader();
  reader.read(bytesOf(`${ESC}[200~`));
  for (let piece = 0; piece < 1000; piece += 1) reader.read(bytesOf('x'.repeat(1000)));
  const [key] = reader.read(bytesOf(`${ESC}[201~`));
  expect(key?.type === 'paste' && key.text.length).toBe(4096);
});

test('a sequence without end is not waited for', () => {
  expect(keysOf(`${ESC}[${'1'.repeat(100)}`, 'q').at(-1)).toBe('q');
});

test('whatever bytes come in whatever pieces, nothing throws and nothing is waited for after a flush', () => {
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 12 }),
    fc.constantFrom(`${ESC}[`, `${ESC}[200~`, `${ESC}[201~`, `${ESC}O`, '~', 'A').map(bytesOf),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      const reader = new KeyReader();
      for (const bytes of pieces) reader.read(bytes);
      reader.flush();
      expect(reader.isWaiting).toBe(false);
    }),
  );
});
