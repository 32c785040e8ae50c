import { expect, test } from 'vitest';
import { IpAddress } from '../../src/ipvs/model/address.js';
import {
  formatAssignment,
  formatPlace,
  formatRouteSlot,
  hostPlace,
  parseAssignment,
  parsePlace,
  parseRouteSlot,
} from '../../src/setup/names.js';

test.each(['192.0.2.1/32 dev eth0', '2001:db8::1/64 dev eth0.7', '192.0.2.1/32 dev ?'])(
  'the place %s is the same text again after it was parsed',
  (text) => {
    const place = parsePlace(text);
    expect(place && formatPlace(place)).toBe(text);
  },
);

test('text that is not a place is not parsed as one', () => {
  expect(['192.0.2.1', '192.0.2.1/x dev eth0', ''].map(parsePlace)).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});

test('a virtual address by itself has the whole length of its family', () => {
  expect(formatPlace(hostPlace(IpAddress.parse('2001:db8::1'), 'lo'))).toBe(
    '2001:db8::1/128 dev lo',
  );
  expect(hostPlace(IpAddress.parse('192.0.2.1'), undefined)).toEqual({
    address: '192.0.2.1',
    prefixLength: 32,
    device: undefined,
  });
});

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
