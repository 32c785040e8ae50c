import { expect, test } from 'vitest';
import { formatPlace, hostPlace, parsePlace } from '../../src/host/address-place.js';

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

test('a virtual address by itself has the full prefix length of its family', () => {
  expect(formatPlace(hostPlace('2001:db8::1', 'lo'))).toBe('2001:db8::1/128 dev lo');
  expect(hostPlace('192.0.2.1', undefined)).toEqual({
    address: '192.0.2.1',
    prefixLength: 32,
    device: undefined,
  });
});
