import { expect, test } from 'vitest';
import { clockText, momentText } from '../../../src/agent/page/model/clock.js';

const NOW = new Date(2026, 10, 29, 14, 32, 8).getTime();
const at = (...numbers: [number, number, number, number]) =>
  new Date(2026, 10, ...numbers).toISOString();

test('of today only the time is written, of another day the day too', () => {
  expect(clockText(at(29, 9, 5, 7), NOW)).toBe('09:05:07');
  expect(clockText(at(28, 9, 5, 7), NOW)).toBe('28 Nov 09:05');
});

test('all of a point in time has its time zone', () => {
  expect(momentText(at(29, 9, 5, 7))).toMatch(/^29 Nov 2026, 09:05:07 \S+/);
});
