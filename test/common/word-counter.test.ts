import { expect, test } from 'vitest';
import { WordCounter } from '../../src/common/word-counter.js';

const shown = (counter: WordCounter) =>
  Array.from(counter.sorted(), ({ key, count }) => [...key, count]);

test('keys are counted, the most first, and equal counts by their numbers', () => {
  const counter = new WordCounter(2);
  for (const key of [
    [7, 1],
    [0xffff_ffff, 0],
    [7, 1],
    [7, 0],
    [6, 9],
  ]) {
    counter.add(Uint32Array.from(key));
  }
  expect(counter.size).toBe(4);
  expect(shown(counter)).toEqual([
    [7, 1, 2],
    [6, 9, 1],
    [7, 0, 1],
    [0xffff_ffff, 0, 1],
  ]);
});

test('none is lost among many', () => {
  const counter = new WordCounter(1);
  const key = new Uint32Array(1);
  const keys = 50_000;
  for (let round = 0; round < 3; round += 1) {
    for (let number = round * 10_000; number < keys; number += 1) {
      key[0] = number * 65_537;
      counter.add(key);
    }
  }
  const all = shown(counter);
  expect(counter.size).toBe(keys);
  expect(all.map(([, count]) => count)).toEqual([
    ...Array<number>(30_000).fill(3),
    ...Array<number>(10_000).fill(2),
    ...Array<number>(10_000).fill(1),
  ]);
  expect(all[0]).toEqual([20_000 * 65_537, 3]);
});

test('there may be none', () => {
  expect(shown(new WordCounter(1))).toEqual([]);
});
