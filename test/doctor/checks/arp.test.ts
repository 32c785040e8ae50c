import { describe, expect, test } from 'vitest';
import { arpDuplicate } from '../../../src/doctor/checks/arp-duplicate.js';
import { arpAnnounces, arpAnswers } from '../../../src/doctor/checks/arp.js';
import { virtualAddressPrefix } from '../../../src/doctor/checks/addresses.js';
import { tunnelDown } from '../../../src/doctor/checks/tunnels.js';
import { evidence, runCheck } from '../../support/doctor-facts.js';
import type { Known } from '../../support/doctor-facts.js';
import { fakeIp } from '../../support/fake-ip.js';
import type { FakeIp } from '../../support/fake-ip.js';

const eth0 = { name: 'eth0', addresses: ['192.0.2.11/24'], mac: '02:00:00:00:00:11' };
const loopback = { name: 'lo', addresses: ['127.0.0.1/8', '192.0.2.1/32'] };
const conf = (scope: string, name: string) => `net/ipv4/conf/${scope}/${name}`;

function realServer(
  values: Readonly<Record<string, number>>,
  ip: FakeIp = { links: [loopback, eth0] },
  known: Known = {},
): Known {
  const settings = Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      const [scope = '', setting = ''] = name.split(' ');
      return [conf(scope, setting), value];
    }),
  );
  return { settings, run: fakeIp(ip), ...known };
}

describe('arp-answers', () => {
  test.each([
    [0, 0, 1],
    [0, 1, 0],
    [1, 0, 0],
    [2, 0, 0],
    // The kernel keeps quiet about addresses of scope host alone.
    [0, 3, 1],
    [1, 3, 1],
    [3, 8, 0],
    [8, 0, 0],
    // Reserved: the kernel answers.
    [1, 4, 1],
  ])('with %i for all and %i for the interface: %i found', async (all, own, found) => {
    const known = realServer({ 'all arp_ignore': all, 'eth0 arp_ignore': own });
    expect(await runCheck(arpAnswers, known)).toHaveLength(found);
  });

  test('the fix names the value that is the greater one, where the other would change nothing', async () => {
    const fixed = async (values: Readonly<Record<string, number>>) =>
      (await runCheck(arpAnswers, realServer(values)))[0]?.fix;
    expect(await fixed({ 'all arp_ignore': 0, 'eth0 arp_ignore': 4 })).toEqual([
      'sysctl -w net.ipv4.conf.eth0.arp_ignore=1',
    ]);
    expect(await fixed({ 'all arp_ignore': 5, 'eth0 arp_ignore': 4 })).toEqual([
      'sysctl -w net.ipv4.conf.all.arp_ignore=1',
      'sysctl -w net.ipv4.conf.eth0.arp_ignore=1',
    ]);
  });

  test('3 is enough for an address of scope host, as CTDB has them', async () => {
    const links = [{ name: 'lo', addresses: ['192.0.2.1/32 host'] }, eth0];
    expect(await runCheck(arpAnswers, realServer({ 'all arp_ignore': 3 }, { links }))).toEqual([]);
  });

  test('an address with a label, and one of kube-ipvs0, which is down and without ARP, are no finding', async () => {
    const links = [
      { name: 'lo', addresses: ['127.0.0.1/8', '192.0.2.1/32 global lo:0'] },
      { name: 'kube-ipvs0', addresses: ['192.0.2.7/32'], down: true, noArp: true },
      eth0,
    ];
    const known = realServer({ 'all arp_ignore': 1, 'all arp_announce': 2 }, { links });
    for (const check of [arpAnswers, arpAnnounces, virtualAddressPrefix, tunnelDown]) {
      expect(await runCheck(check, known)).toEqual([]);
    }
    const services = [{ service: { protocol: 'tcp', address: '192.0.2.7', port: 80 } }] as const;
    const node = realServer({ 'all arp_ignore': 0 }, { links: links.slice(1) }, { services });
    expect(await runCheck(arpAnswers, node)).toEqual([]);
  });

  test('an address that was named is a finding as an alias too, and by a local route; not of a director', async () => {
    const values = { 'all arp_ignore': 0, 'eth0 arp_ignore': 0 };
    const virtualAddresses = ['192.0.2.1'];
    const alias = { links: [{ ...eth0, addresses: ['192.0.2.11/24', '192.0.2.1/32'] }] };
    expect(await runCheck(arpAnswers, realServer(values, alias))).toEqual([]);
    expect(
      (await runCheck(arpAnswers, realServer(values, alias, { virtualAddresses })))[0]?.fix,
    ).toEqual([
      'sysctl -w net.ipv4.conf.all.arp_ignore=1',
      'ip address del 192.0.2.1/32 dev eth0',
      'ip address add 192.0.2.1/32 dev lo',
    ]);
    const route = { links: [eth0], resolvedRoutes: { '192.0.2.1': 'local' } };
    expect(await evidence(arpAnswers, realServer(values, route, { virtualAddresses }))).toEqual([
      'net.ipv4.conf.all.arp_ignore = 0, net.ipv4.conf.eth0.arp_ignore = 0; ' +
        'virtual addresses here: 192.0.2.1 by a local route',
    ]);
    const services = [{ service: { firewallMark: 1 } }] as const;
    for (const ip of [alias, route]) {
      const director = realServer(values, ip, { virtualAddresses, services });
      expect(await runCheck(arpAnswers, director)).toEqual([]);
    }
  });

  test('an interface to elsewhere does not count, nor one without ARP, nor one that is down', async () => {
    const links = [
      loopback,
      { ...eth0, down: true },
      { name: 'docker0', addresses: ['172.17.0.1/16'] },
      { name: 'tunl0', tunnel: ['ipip', 'any'] as const, addresses: ['192.0.2.2/24'] },
    ];
    const known = realServer({ 'all arp_ignore': 0 }, { links, routes: { default: 'eth0' } });
    expect(await runCheck(arpAnswers, known)).toEqual([]);
  });

  test('an address of another net counts if it is meant to be virtual', async () => {
    const links = [{ name: 'lo', addresses: ['198.51.100.1/32'] }, eth0];
    const ip = { links, routes: { default: 'eth0' } };
    const values = { 'all arp_ignore': 0, 'eth0 arp_ignore': 0 };
    expect(await runCheck(arpAnswers, realServer(values, ip))).toEqual([]);
    const virtualAddresses = ['198.51.100.1'];
    expect(await evidence(arpAnswers, realServer(values, ip, { virtualAddresses }))).toEqual([
      'net.ipv4.conf.all.arp_ignore = 0, net.ipv4.conf.eth0.arp_ignore = 0; ' +
        'virtual addresses here: 198.51.100.1 on lo',
    ]);
  });

  test('a director answers for what it balances, and for what it may balance by mark', async () => {
    const values = { 'all arp_ignore': 0 };
    for (const service of [
      { protocol: 'tcp', address: '192.0.2.1', port: 80 },
      { firewallMark: 1 },
    ] as const) {
      const known = realServer(values, undefined, { services: [{ service }] });
      expect(await runCheck(arpAnswers, known)).toEqual([]);
    }
  });

  test('many addresses are one finding for an interface, whose dots change places', async () => {
    const many = Array.from({ length: 5 }, (_, index) => `192.0.2.${index + 1}/32`);
    const links = [
      { name: 'lo', addresses: many },
      { ...eth0, name: 'eth0.7' },
    ];
    expect(await evidence(arpAnswers, realServer({ 'eth0.7 arp_ignore': 0 }, { links }))).toEqual([
      'net.ipv4.conf.eth0/7.arp_ignore = 0; ' +
        'virtual addresses here: 192.0.2.1 on lo and 4 more',
    ]);
  });

  test('a kernel that does not show the setting is none that answers', async () => {
    expect(await runCheck(arpAnswers, realServer({}))).toEqual([]);
  });
});

test('arp-announces: 1 is enough for an address of another net', async () => {
  const value = { 'all arp_announce': 1 };
  expect(await runCheck(arpAnnounces, realServer(value))).toHaveLength(1);
  const links = [{ name: 'lo', addresses: ['198.51.100.1/32'] }, eth0];
  const known = { virtualAddresses: ['198.51.100.1'] };
  const other = realServer(value, { links, routes: { default: 'eth0' } }, known);
  expect(await runCheck(arpAnnounces, other)).toEqual([]);
  expect(await runCheck(arpAnnounces, realServer({ 'eth0 arp_announce': 2 }))).toEqual([]);
  // The kernel takes it for 0.
  expect(await runCheck(arpAnnounces, realServer({ 'eth0 arp_announce': 3 }))).toHaveLength(1);
});

describe('arp-duplicate', () => {
  const services = [
    {
      service: { protocol: 'tcp', address: '192.0.2.1', port: 80 },
      destinations: [{ destination: { address: '192.0.2.12', port: 80 } }],
    },
  ] as const;
  const REPLY =
    'ARPING 192.0.2.1 from 0.0.0.0 eth0\nUnicast reply from 192.0.2.1 [02:00:00:00:00:AB]  0.7ms\n';
  const director = (arping: (words: readonly string[]) => string | undefined, more: FakeIp = {}) =>
    ({
      services,
      run: fakeIp({
        links: [{ ...eth0, addresses: ['192.0.2.11/24', '192.0.2.1/32'] }],
        resolvedRoutes: { '192.0.2.1': 'local' },
        others: (program, words) => (program === 'arping' ? arping(words) : undefined),
        ...more,
      }),
    }) satisfies Known;
  const iputils = (text: string) => (words: readonly string[]) =>
    words.includes('-V') ? 'arping from iputils 20221126\n' : text;

  test('who answers is named by its hardware address, and as a real server where it is known', async () => {
    const unknown = director(iputils(REPLY));
    expect(await evidence(arpDuplicate, unknown)).toEqual([
      '02:00:00:00:00:ab answers ARP for 192.0.2.1 on eth0',
    ]);
    const neighbours = { '192.0.2.77': '02:00:00:00:00:ab', '192.0.2.12': '02:00:00:00:00:ab' };
    expect(await evidence(arpDuplicate, director(iputils(REPLY), { neighbours }))).toEqual([
      '02:00:00:00:00:ab (192.0.2.12) answers ARP for 192.0.2.1 on eth0',
    ]);
  });

  test('nothing is found without an arping of iputils, when nobody answers, or when it is another card of this machine', async () => {
    expect(
      await runCheck(
        arpDuplicate,
        director(() => undefined),
      ),
    ).toEqual([]);
    expect(
      await runCheck(
        arpDuplicate,
        director(() => 'ARPing 2.23, by Thomas Habets'),
      ),
    ).toEqual([]);
    expect(await runCheck(arpDuplicate, director(iputils('Received 0 response(s)\n')))).toEqual([]);
    const own = REPLY.replace('00:AB', '00:11');
    expect(await runCheck(arpDuplicate, director(iputils(own)))).toEqual([]);
  });

  test('a director that does not have the address asks nobody', async () => {
    const asked: string[] = [];
    const arping = (words: readonly string[]) => {
      asked.push(words.join(' '));
      return iputils(REPLY)(words);
    };
    expect(
      await runCheck(arpDuplicate, director(arping, { resolvedRoutes: { '192.0.2.1': 'eth0' } })),
    ).toEqual([]);
    expect(asked).toEqual(['-V']);
  });

  test('of very many addresses the first 64 are asked for', async () => {
    let asked = 0;
    const addresses = Array.from({ length: 100 }, (_, index) => `192.0.2.${index + 100}`);
    const known = director(
      (words) => {
        asked += 1;
        return iputils('')(words);
      },
      { resolvedRoutes: Object.fromEntries(addresses.map((address) => [address, 'local'])) },
    );
    const many = addresses.map((address) => ({
      service: { protocol: 'tcp', address, port: 80 } as const,
    }));
    expect(await runCheck(arpDuplicate, { ...known, services: many })).toEqual([]);
    expect(asked).toBe(1 + 64);
  });
});
