import { isIPv4, isIPv6 } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareAddresses, IpAddress, toAddress } from '../../../src/ipvs/model/address.js';

describe('an IPv6 address is written as inet_ntop writes it', () => {
  // Made with inet_ntop of glibc 2.36.
  test.each([
    ['0:0:0:0:0:0:0:0', '::'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['0:0:0:0:0:0:0:ffff', '::ffff'],
    ['0:0:0:0:0:0:1:0', '::0.1.0.0'],
    ['0:0:0:0:0:0:102:304', '::1.2.3.4'],
    ['0:0:0:0:0:ffff:102:304', '::ffff:1.2.3.4'],
    ['0:0:0:0:0:ffff:0:0', '::ffff:0.0.0.0'],
    ['0:0:0:0:0:fffe:102:304', '::fffe:102:304'],
    ['0:0:0:0:ffff:0:102:304', '::ffff:0:102:304'],
    ['0:0:0:0:1:0:0:0', '::1:0:0:0'],
    ['64:ff9b:0:0:0:0:102:304', '64:ff9b::102:304'],
    ['2001:db8:0:0:0:0:0:0', '2001:db8::'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['1:0:0:0:2:0:0:0', '1::2:0:0:0'],
    ['0:1:0:1:0:1:0:1', '0:1:0:1:0:1:0:1'],
    ['0:0:1:1:1:1:1:1', '::1:1:1:1:1:1'],
    ['1:1:1:1:1:1:0:0', '1:1:1:1:1:1::'],
    ['FE80:0:0:0:0ABC:0:0:00D1', 'fe80::abc:0:0:d1'],
    ['ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ])('%s is %s', (text, written) => {
    expect(IpAddress.parse(text).toString()).toBe(written);
    expect(IpAddress.parse(written).bytes).toEqual(IpAddress.parse(text).bytes);
  });
});

test.each([
  ['1.2.3.4', [1, 2, 3, 4]],
  ['255.255.255.255', [255, 255, 255, 255]],
  ['::', Array(16).fill(0)],
  ['1::2:3', [0, 1, ...Array<number>(10).fill(0), 0, 2, 0, 3]],
  ['::ffff:1.2.3.4', [...Array<number>(10).fill(0), 255, 255, 1, 2, 3, 4]],
])('%s has its bytes in network order', (text, bytes) => {
  expect([...IpAddress.parse(text).bytes]).toEqual(bytes);
});

test.each([
  '',
  ' 1.2.3.4',
  '1.2.3',
  '1.2.3.256',
  '01.2.3.4',
  '1.2.3.4/24',
  '1.2.3.4:80',
  'localhost',
  ':::',
  '1::2::3',
  '12345::',
  'fe80::1%eth0',
  '[::1]',
  '1:2:3:4:5:6:7',
  '::1.2.3',
])('%j is no address', (text) => {
  expect(() => IpAddress.parse(text)).toThrow(RangeError);
  expect(() => IpAddress.parse(text)).toThrow(
    `not an IPv4 or IPv6 address: ${JSON.stringify(text)}`,
  );
});

test('bytes of the wire are cut to their family, and copied', () => {
  const wire = new Uint8Array(16).fill(7);
  const address = IpAddress.fromBytes('ipv4', wire);
  wire.fill(9);
  expect(`${address}`).toBe('7.7.7.7');
  expect(() => IpAddress.fromBytes('ipv6', new Uint8Array(4))).toThrow(
    '4 bytes are no ipv6 address',
  );
  expect(() => IpAddress.fromBytes('ipv4', new Uint8Array(3))).toThrow(RangeError);
});

test('JSON has the text', () => {
  expect(JSON.stringify({ address: IpAddress.parse('::1') })).toBe('{"address":"::1"}');
});

test('equal addresses are equal, of one family', () => {
  const equals = (a: string, b: string) => IpAddress.parse(a).equals(IpAddress.parse(b));
  expect(equals('::1', '0:0:0:0:0:0:0:1')).toBe(true);
  expect(equals('1.2.3.4', '1.2.3.5')).toBe(false);
  expect(equals('1.2.3.4', '::ffff:1.2.3.4')).toBe(false);
});

test('an address stays itself, and text becomes one', () => {
  const address = IpAddress.parse('10.0.0.1');
  expect(toAddress(address)).toBe(address);
  expect(toAddress('10.0.0.1')).toEqual(address);
});

test('the order is by the bytes from the first on; of equal ones IPv4 comes first', () => {
  const sorted = ['::', '::1', '10.0.0.9', '10.0.0.10', '32.1.13.184', '2001:db8::', '255.0.0.0'];
  const addresses = [...sorted].reverse().map((text) => IpAddress.parse(text));
  expect(addresses.sort(compareAddresses).map(String)).toEqual(sorted);
  const zeros = ['::', '0.0.0.0'].map((text) => IpAddress.parse(text));
  expect(zeros.sort(compareAddresses).map(String)).toEqual(['0.0.0.0', '::']);
});

test('text is an address exactly when Node’s own reader says so', () => {
  const pieces = fc.constantFrom(
    ':',
    '::',
    '.',
    '0',
    '1',
    '255',
    '256',
    '01',
    'a',
    'FFFF',
    '12345',
    ' ',
    '1.2.3.4',
  );
  const near = fc.array(pieces, { maxLength: 17 }).map((parts) => parts.join(''));
  const cut = fc
    .tuple(fc.oneof(fc.ipV4(), fc.ipV6()), fc.nat(40), fc.constantFrom('', ':', '.', '0', 'g'))
    .map(([text, at, more]) => text.slice(0, at) + more + text.slice(at + 1));
  fc.assert(
    fc.property(fc.oneof(near, cut), (text) => {
      expect(IpAddress.tryParse(text) !== undefined).toBe(isIPv4(text) || isIPv6(text));
    }),
    { numRuns: 3_000 },
  );
});

test('what is written is read again, for every address', () => {
  const bytes = (length: number) =>
    // Many zeros, so that runs of them are common.
    fc.array(fc.oneof(fc.constant(0), fc.nat(255)), { minLength: length, maxLength: length });
  fc.assert(
    fc.property(fc.oneof(bytes(4), bytes(16)), (raw) => {
      const address = IpAddress.fromBytes(raw.length === 4 ? 'ipv4' : 'ipv6', Uint8Array.from(raw));
      const text = address.toString();
      expect(raw.length === 4 ? isIPv4(text) : isIPv6(text)).toBe(true);
      expect([...IpAddress.parse(text).bytes]).toEqual(raw);
    }),
    { numRuns: 500 },
  );
});

test('whatever text is read is written in one form', () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
      const written = IpAddress.parse(text).toString();
      expect(IpAddress.parse(written).toString()).toBe(written);
    }),
  );
});
