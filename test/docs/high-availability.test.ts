/** docs/high-availability.md: what its tables say is what tests play. */
import { expect, test } from 'vitest';
import { sources } from '../support/sources.js';
import { rowsOf } from './markdown.js';

const tests = sources('test/kernel/ha')
  .map(({ text }) => text)
  .join('\n');
const events = rowsOf('docs/high-availability.md').filter((row) => row.length > 2);

test('has rows about what happens', () => {
  expect(events.length).toBeGreaterThan(15);
});

test.each(events.map(([event = '']) => event))(
  'says of “%s” what a test of that name plays',
  (event) => {
    expect(tests).toContain(`'${event}`);
  },
);
