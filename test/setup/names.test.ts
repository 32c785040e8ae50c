import { expect, test } from 'vitest';
import {
  formatAssignment,
  formatRouteSlot,
  parseAssignment,
  parseRouteSlot,
} from '../../src/setup/names.js';

test('an assignment keeps a value with an equals sign in it', () => {
  const line = 'net/ipv4/a=b=c';
  expect(parseAssignment(line)).toEqual({ path: 'net/ipv4/a', value: 'b=c' });
  expect(formatAssignment(parseAssignment(line))).toBe(line);
});

test.each(['-4 default', '-6 default', '-4 192.0.2.1'])(
  'the routes %s are the same text again after they were parsed',
  (name) => {
    expect(formatRouteSlot(parseRouteSlot(name))).toBe(name);
  },
);
