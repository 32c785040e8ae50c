import { describe, expect, test } from 'vitest';
import {
  overheadOf,
  reversePathFilter,
  tunnelDown,
  tunnelMtu,
} from '../../../src/doctor/checks/tunnels.js';
import type { Tunnel } from '../../../src/ipvs/model/destination.js';
import { evidence, runCheck } from '../../support/doctor-facts.js';
import type { Known } from '../../support/doctor-facts.js';
import { fakeIp } from '../../support/fake-ip.js';
import type { FakeIp, FakeLink } from '../../support/fake-ip.js';

const rpFilter = (scope: string) => `net/ipv4/conf/${scope}/rp_filter`;

describe('reverse-path-filter', () => {
  const OPEN = ['ipip', 'any'] as const;
  const VIP = ['192.0.2.1/32'];
  const lo = { name: 'lo', addresses: VIP };
  const realServer = (all: number, own: number, links: readonly FakeLink[], more: FakeIp = {}) => ({
    settings: { [rpFilter('all')]: all, [rpFilter('tunl0')]: own },
    run: fakeIp({ links, ...more }),
  });
  const addressed = [{ name: 'tunl0', tunnel: OPEN, addresses: VIP }];
  const bare = [lo, { name: 'tunl0', tunnel: OPEN }];

  test.each([
    [0, 0, 0, 0],
    [0, 1, 1, 1],
    [1, 0, 1, 1],
    [1, 2, 0, 1],
    [0, 2, 0, 1],
    [2, 1, 0, 1],
  ])(
    'with %i for all, %i its own: %i found, %i without an address',
    async (all, own, with_, out) => {
      expect(await runCheck(reversePathFilter, realServer(all, own, addressed))).toHaveLength(
        with_,
      );
      expect(await runCheck(reversePathFilter, realServer(all, own, bare))).toHaveLength(out);
    },
  );

  test('a tunnel without an address that is strict needs both', async () => {
    expect(await runCheck(reversePathFilter, realServer(1, 1, bare))).toEqual([
      {
        evidence:
          'net.ipv4.conf.all.rp_filter = 1, net.ipv4.conf.tunl0.rp_filter = 1; ' +
          'packets for 192.0.2.1 come out of tunl0, which has no address',
        fix: ['sysctl -w net.ipv4.conf.tunl0.rp_filter=2', 'ip address add 192.0.2.1/32 dev tunl0'],
      },
    ]);
  });

  test('tunnels of other things are well: one that is down, to one other end, or with routes into it', async () => {
    const well = async (link: FakeLink, more?: FakeIp) => {
      expect(await runCheck(reversePathFilter, realServer(1, 1, [lo, link], more))).toEqual([]);
    };
    await well({ name: 'tunl0', tunnel: OPEN, addresses: VIP, down: true });
    await well({ name: 'tunl0', tunnel: ['gre', '203.0.113.9'], addresses: ['10.9.0.1/32'] });
    const into = { routes: { '10.8.0.0/16': 'tunl0' } };
    await well({ name: 'tunl0', tunnel: OPEN, addresses: ['10.8.0.1/32'] }, into);
    // Only a director has it.
    const services = [{ service: { protocol: 'tcp', address: '192.0.2.1', port: 80 } }] as const;
    expect(await runCheck(reversePathFilter, { ...realServer(1, 1, addressed), services })).toEqual(
      [],
    );
  });

  test('a tunnel from one director counts where its address is meant to be virtual', async () => {
    const links = [{ name: 'tunl0', tunnel: ['gre', '203.0.113.9'] as const, addresses: VIP }];
    const known = { ...realServer(0, 1, links), virtualAddresses: ['192.0.2.1'] };
    expect(await evidence(reversePathFilter, known)).toEqual([
      'net.ipv4.conf.tunl0.rp_filter = 1; packets for 192.0.2.1 come out of tunl0',
    ]);
  });
});

describe('tunnel-mtu', () => {
  const director = (
    pmtuDisc: number | undefined,
    mtu: number,
    tunnel: Tunnel,
    resolvedRoute = 'eth1',
  ): Known => ({
    settings: pmtuDisc === undefined ? {} : { 'net/ipv4/vs/pmtu_disc': pmtuDisc },
    services: [
      {
        service: { protocol: 'tcp', address: '192.0.2.1', port: 80 },
        destinations: ['10.0.0.11', '10.0.0.12'].map((address) => ({
          destination: { address, port: 80 },
          settings: {
            forwardingMethod: 'tun',
            ...(tunnel.type !== 'unknown' && { tunnel: { ...tunnel, type: tunnel.type } }),
          },
        })),
      },
    ],
    run: fakeIp({
      links: [
        { name: 'eth0', addresses: ['192.0.2.1/24'] },
        { name: 'eth1', mtu },
      ],
      resolvedRoutes: { '10.0.0.11': resolvedRoute, '10.0.0.12': resolvedRoute },
    }),
  });
  const ipip = { type: 'ipip', port: 0, checksum: 'none' } as const;
  const gue = { type: 'gue', port: 6080, checksum: 'remote' } as const;

  test.each([
    [0, 1500, ipip, 1],
    [0, 1519, ipip, 1],
    [0, 1520, ipip, 0],
    [0, 1539, gue, 1],
    [0, 1540, gue, 0],
    [1, 1500, ipip, 0],
    [undefined, 1500, ipip, 0],
  ])('pmtu_disc %s, an mtu of %i, %o: %i found', async (pmtuDisc, mtu, tunnel, found) => {
    expect(await runCheck(tunnelMtu, director(pmtuDisc, mtu, tunnel))).toHaveLength(found);
  });

  test('this machine as a real server is not sent into a tunnel', async () => {
    expect(await runCheck(tunnelMtu, director(0, 1500, ipip, 'local'))).toEqual([]);
  });

  test.each([
    [{ type: 'ipip', port: 0, checksum: 'none' }, 20],
    [{ type: 'gre', port: 0, checksum: 'none' }, 24],
    [{ type: 'gre', port: 0, checksum: 'full' }, 28],
    [{ type: 'gue', port: 6080, checksum: 'none' }, 32],
    [{ type: 'gue', port: 6080, checksum: 'remote' }, 40],
  ] as const)('%o adds %i bytes', (tunnel, bytes) => {
    expect(overheadOf(tunnel)).toBe(bytes);
  });
});

describe('tunnel-down', () => {
  const tunl0 = { name: 'tunl0', tunnel: ['ipip', 'any'], addresses: ['192.0.2.1/32'] } as const;
  const gre1 = { ...tunl0, name: 'gre1', tunnel: ['gre', '203.0.113.9'] } as const;

  test('a tunnel that has the address and is down must come up', async () => {
    const links = [{ ...tunl0, down: true }];
    expect(await runCheck(tunnelDown, { run: fakeIp({ links }) })).toEqual([
      { evidence: 'tunl0 is down, and has 192.0.2.1', fix: ['ip link set tunl0 up'] },
    ]);
    expect(await runCheck(tunnelDown, { run: fakeIp({ links: [tunl0] }) })).toEqual([]);
  });

  test('a tunnel to one other end counts where its address is meant to be virtual', async () => {
    const run = fakeIp({ links: [{ ...gre1, down: true }] });
    expect(await runCheck(tunnelDown, { run })).toEqual([]);
    expect(await runCheck(tunnelDown, { run, virtualAddresses: ['192.0.2.1'] })).toHaveLength(1);
  });

  test('a tunnel that was set up for an address on lo must be there and up', async () => {
    const setUp = { method: 'tun', virtualAddresses: ['192.0.2.1'] };
    const lo = { name: 'lo', addresses: ['192.0.2.1/32'] };
    const down = { name: 'tunl0', tunnel: ['ipip', 'any'], down: true } as const;
    expect(await runCheck(tunnelDown, { run: fakeIp({ links: [lo] }), setUp })).toEqual([
      {
        evidence: 'there is no tunl0, which was set up for 192.0.2.1',
        fix: ['modprobe ipip', 'ip link set tunl0 up'],
      },
    ]);
    const found = await runCheck(tunnelDown, { run: fakeIp({ links: [lo, down] }), setUp });
    expect(found[0]?.fix).toEqual(['ip link set tunl0 up']);
    const well = { run: fakeIp({ links: [lo, { ...down, down: false }] }), setUp };
    expect(await runCheck(tunnelDown, well)).toEqual([]);
  });
});
