import { expect, test } from 'vitest';
import { coloursFor } from '../../src/terminal/colours.js';
import { Painter } from '../../src/terminal/painter.js';
import { noNames } from '../support/command.js';

const nowhere = { write: () => undefined };
const stdin = {
  [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error('unread')) }),
};
const plain = await coloursFor({ stdin, stdout: nowhere, stderr: nowhere, resolver: noNames });
const frame = (...lines: readonly string[]) => lines.map((text) => [{ text }]);

/** What a terminal is sent, with `ESC` for that. */
const sent = (text: string) => text.replaceAll('\u001B', 'ESC');

test('the first frame is drawn as a whole, at once', () => {
  expect(sent(new Painter(plain).paint(frame('one', '12345'), 5))).toBe(
    'ESC[?2026hESC[0mESC[2JESC[1;1HoneESC[KESC[2;1H12345ESC[?2026l',
  );
});

test('of the next only lines that have changed', () => {
  const painter = new Painter(plain);
  painter.paint(frame('one', 'two', 'three'), 5);
  expect(sent(painter.paint(frame('one', 'TWO', 'three'), 5))).toBe(
    'ESC[?2026hESC[2;1HTWOESC[KESC[?2026l',
  );
  expect(painter.paint(frame('one', 'TWO', 'three'), 5)).toBe('');
});

test('everything after the terminal has changed its size, or has shown something else', () => {
  const painter = new Painter(plain);
  painter.paint(frame('one', 'two'), 5);
  expect(painter.paint(frame('one', 'two'), 6)).toContain('one');
  expect(painter.paint(frame('one', 'two', ''), 6)).toContain('one');
  painter.forget();
  expect(painter.paint(frame('one', 'two', ''), 6)).toContain('one');
});
