import { expect, test } from 'vitest';
import { formatAssignment, parseAssignment } from '../../src/host/sysctl.js';

test('an assignment keeps a value with an equals sign in it', () => {
  const line = 'net/ipv4/a=b=c';
  expect(parseAssignment(line)).toEqual({ path: 'net/ipv4/a', value: 'b=c' });
  expect(formatAssignment(parseAssignment(line))).toBe(line);
});
