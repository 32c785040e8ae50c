import { expect, test } from 'vitest';
import { IpAddress } from '../../../src/ipvs/model/address.js';
import {
  isInPrefix,
  matchesPrefix,
  parseAddressPrefix,
} from '../../../src/ipvs/model/address-prefix.js';

/** Addresses with a prefix length and a port, as filters name them. */

const read = (text: string) => {
  const { address, length, port } = parseAddressPrefix(text, (name) =>
    name === 'http' ? 80 : undefined,
  );
  return [`${address}`, length, port];
};

test.each([
  ['10.0.0.2', ['10.0.0.2', 32, undefined]],
  ['10.0.0.2:80', ['10.0.0.2', 32, 80]],
  ['10.0.0.2:http', ['10.0.0.2', 32, 80]],
  ['10.0.0.0/24', ['10.0.0.0', 24, undefined]],
  ['10.0.0.0/24:80', ['10.0.0.0', 24, 80]],
  ['0.0.0.0/0', ['0.0.0.0', 0, undefined]],
  ['2001:DB8::2', ['2001:db8::2', 128, undefined]],
  ['2001:db8::/32', ['2001:db8::', 32, undefined]],
  ['::ffff:10.0.0.2', ['::ffff:10.0.0.2', 128, undefined]],
  ['[2001:db8::2]', ['2001:db8::2', 128, undefined]],
  ['[2001:db8::2]:443', ['2001:db8::2', 128, 443]],
  ['[2001:db8::]/32:443', ['2001:db8::', 32, 443]],
  ['[2001:db8::/32]:443', ['2001:db8::', 32, 443]],
  ['[2001:db8::]/32', ['2001:db8::', 32, undefined]],
  ['::/0', ['::', 0, undefined]],
])('%s is an address with a prefix length and a port', (text, expected) => {
  expect(read(text)).toEqual(expected);
});

test.each([
  ...['', 'web', ':80', '10.0.0', '10.0.0.2:', '10.0.0.2/', '10.0.0.0/24/24', '/24', '10.0.0.2 '],
  ...['2001:db8::/32:443', '[2001:db8::2', '[2001:db8::/32]/32', '[]:80', '10.0.0.2/255.255.0.0'],
])('%j is none', (text) => {
  expect(() => read(text)).toThrow('is not an address, alone or with a prefix length or a port');
});

test.each([
  ['10.0.0.0/33', '"10.0.0.0/33": the prefix length is at most 32'],
  ['2001:db8::/129', '"2001:db8::/129": the prefix length is at most 128'],
  ['10.0.0.2:65536', '"10.0.0.2:65536": "65536" is not a port'],
  ['10.0.0.2:smtp', '"10.0.0.2:smtp": "smtp" is not a port'],
])('%s is refused with the reason', (text, reason) => {
  expect(() => read(text)).toThrow(reason);
});

test.each([
  ['10.0.0.0/24', '10.0.0.255', true],
  ['10.0.0.0/24', '10.0.1.0', false],
  ['10.0.0.7/24', '10.0.0.1', true],
  ['10.0.0.128/25', '10.0.0.127', false],
  ['10.0.0.128/25', '10.0.0.129', true],
  ['10.0.0.2', '10.0.0.2', true],
  ['10.0.0.2', '10.0.0.3', false],
  ['0.0.0.0/0', '255.255.255.255', true],
  ['0.0.0.0/0', '::1', false],
  ['::/0', '10.0.0.2', false],
  ['2001:db8::/33', '2001:db8:7fff::1', true],
  ['2001:db8::/33', '2001:db8:8000::1', false],
])('of %s, is %s one: %s', (prefix, address, expected) => {
  expect(isInPrefix(parseAddressPrefix(prefix), IpAddress.parse(address))).toBe(expected);
});

test('a port has to be the same, where one is named', () => {
  const endpoint = { address: IpAddress.parse('10.0.0.2'), port: 80 };
  expect(matchesPrefix(parseAddressPrefix('10.0.0.0/8'), endpoint)).toBe(true);
  expect(matchesPrefix(parseAddressPrefix('10.0.0.0/8:80'), endpoint)).toBe(true);
  expect(matchesPrefix(parseAddressPrefix('10.0.0.0/8:81'), endpoint)).toBe(false);
  expect(matchesPrefix(parseAddressPrefix('10.0.0.3:80'), endpoint)).toBe(false);
});
