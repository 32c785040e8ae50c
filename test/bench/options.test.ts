import { expect, test } from 'vitest';
import { helpText, readOptions } from '../../bench/options.js';
import type { Row } from '../../bench/row.js';

/** The command line of `npm run bench`. */

const row = (name: string): Row => ({
  name,
  about: `about ${name}`,
  run: () => Promise.resolve([]),
});
const all = [row('restore'), row('list')];

test('without words all rows are measured as often as is usual, for people to read', () => {
  expect(readOptions([], all)).toEqual({
    rows: all,
    runs: undefined,
    nodes: [],
    form: 'text',
    help: false,
  });
});

test('names choose rows', () => {
  expect(readOptions(['list'], all).rows.map(({ name }) => name)).toEqual(['list']);
});

test('options say how often, on what, and in what form', () => {
  const words = ['--runs', '7', '--node', '/a', '--node', '/b', '--json'];
  expect(readOptions(words, all)).toMatchObject({ runs: 7, nodes: ['/a', '/b'], form: 'json' });
});

test.each([
  [['lost'], 'no row lost; there are: restore, list'],
  [['--runs', '0'], '--runs takes a number from 1: 0'],
  [['--fast'], '--fast'],
])('%j is refused', (words, complaint) => {
  expect(() => readOptions(words, all)).toThrow(complaint);
});

test('help names every row', () => {
  expect(helpText(all)).toContain('\n  list     about list\n');
});
