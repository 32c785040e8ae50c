import { describe } from 'vitest';
import { useBoth } from '../../support/both.js';
import { oneIn, testInPart } from '../../support/in-part.js';

/** Addresses and ports in every form. */

const both = useBoth();

/** What is far apart is not sorted by number in the genuine program's lists: a deviation with a test of its own. */
const CLEAR = { words: ['-C'] };

/** A service of its own for the real servers of each address. */
const serviceOf = (index: number) => ['-t', `1.1.1.1:${index + 1}`];
const servicesFor = (addresses: readonly string[]) =>
  addresses.map((_, index) => `-A ${serviceOf(index).join(' ')}`).join('\n');

/** Numbers of one to four parts as inet_aton reads them, at both sides of what each part can hold. */
const inetAton = [1, 2, 3, 4].flatMap((parts) => {
  const leading = Array.from({ length: parts - 1 }, (_, index) => `${index + 1}.`).join('');
  const most = 2 ** (8 * (5 - parts)) - 1;
  return [0, most, most + 1].flatMap((last) =>
    [
      String(last),
      `0${last.toString(8)}`,
      `0x${last.toString(16)}`,
      `0X${last.toString(16).toUpperCase()}`,
    ].map((text) => leading + text),
  );
});

const oddities = [
  '01.02.03.04',
  '1.2.3.0000000004',
  '1.2.3.08',
  '08.1',
  '0x1.0x2.0x3.0x4',
  '0x.1.2.3',
  '0x',
  '1.',
  '.1',
  '1..2',
  '1.2.3.4.',
  '1.2.3.4.5',
  '1.2.3.4x',
  '1.2.3.4 x',
  '1.2.3.4\tx',
  ' 1.2.3.4',
  '256.1',
  '255.1',
  '+1.2.3.4',
  '-1.2.3.4',
  '1.2.3.-4',
  '1,2,3,4',
  '0xffffffffff',
  '00000000000000001.1',
];

describe('IPv4 addresses as inet_aton reads them', () => {
  testInPart('services', 5, async (every) => {
    both.load('');
    await both.agree([
      ...oneIn(every, [...inetAton, ...oddities]).flatMap((address) => [
        { words: ['-A', '-t', `${address}:80`] },
        { words: ['-Ln', '-t', `${address}:80`] },
      ]),
      CLEAR,
    ]);
  });

  testInPart('real servers, and without a port', 5, async (every) => {
    const addresses = oneIn(every, [...oneIn(2, inetAton), ...oddities]);
    both.load(servicesFor(addresses));
    await both.agree([
      ...addresses.flatMap((address, index) => [
        { words: ['-a', ...serviceOf(index), '-r', `${address}:80`, '-m'] },
        { words: ['-a', ...serviceOf(index), '-r', address] },
      ]),
      { words: ['-Ln'] },
    ]);
  });
});

const ipv4 = `1.1.1.1 1.1.1.1: 1.1.1.1:0 1.1.1.1:65535 1.1.1.1:65536 1.1.1.1:-1 1.1.1.1:+80 1.1.1.1:080 1.1.1.1:http
  1.1.1.1:www 1.1.1.1:HTTP 1.1.1.1:nosuch 1.1.1.1:80:80 1.1.1.1:domain 123 123:80 0:80 4294967295:80 4294967296:80 '' :80 :
  localhost localhost:80 LOCALHOST:83 nosuch.invalid:80 a_b:80 224.0.0.1:80 255.255.255.255:80 0.0.0.0:80 0.0.0.0:0
  127.0.0.1:80 240.0.0.1:80`;
const ipv6 = `[::1]:80 [::1] [::1:80 [::1]80 [::1]: ::1 ::2 2001:db8::1 [2001:db8::1]:http 2001:db8::1:80 [fe80::1%lo]:80
  fe80::1%lo [::1]:80:80 []:80 [ ] [[::1]]:80 1::2::3 1:2:3:4:5:6:7:8 1:2:3:4:5:6:7 1:2:3:4:5:6:7:8:9 1:2:3:4:5:6:7:: ::2:3:4:5:6:7:8
  12345::1 ::g [::ffff:1.2.3.4]:80 [::1.2.3.4]:81 [::1.2.3.256]:81 [::1.2.3]:81 [1:2:3:4:5:6:7.8.9.10]:80 :: [::]:80 ::: 1::
  [2001:DB8::A]:80 [2001:0db8::000a]:80 [fe80::1]:80 [ff02::1]:80 [1:0:0:2::]:80 [0:0:1::]:80`;

/** An address by words of a text, in which two quotes stand for an empty one. */
const words = (text: string) => text.split(/\s+/).map((word) => (word === "''" ? '' : word));

describe.each([
  ['IPv4', ipv4],
  ['IPv6', ipv6],
])('%s endpoints', (_family, text) => {
  testInPart('of services', 4, async (every) => {
    both.load('');
    await both.agree([
      ...oneIn(every, words(text)).flatMap((address) => [
        { words: ['-A', '-t', address] },
        { words: ['-A', '-u', address, '-p'] },
        { words: ['-A', '--sctp-service', address, '-s', 'rr'] },
        { words: ['-Ln', '-u', address] },
      ]),
      CLEAR,
    ]);
  });

  testInPart('of real servers', 4, async (every) => {
    const addresses = oneIn(every, words(text));
    both.load(`${servicesFor(addresses)}\n-A -f 7 -6`);
    await both.agree([
      ...addresses.flatMap((address, index) => [
        { words: ['-a', ...serviceOf(index), '-r', address, '-m'] },
        { words: ['-a', ...serviceOf(index), '-r', address, '-i'] },
        { words: ['-a', '-f', '7', '-6', '-r', address, '-m'] },
        { words: ['-d', '-f', '7', '-6', '-r', address] },
      ]),
      { words: ['-Ln'] },
    ]);
  });
});
