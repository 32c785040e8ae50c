import { describe, expect, test } from 'vitest';
import { directRoutingOffLink, noRoute, redirectsSent } from '../../../src/doctor/checks/routes.js';
import { tunnelMtu } from '../../../src/doctor/checks/tunnels.js';
import { IpAddress } from '../../../src/ipvs/model/address.js';
import { natToLoopback, realServerPortClosed } from '../../../src/doctor/checks/servers.js';
import { evidence, factsOf, runCheck } from '../../support/doctor-facts.js';
import type { Known } from '../../support/doctor-facts.js';
import { fakeIp } from '../../support/fake-ip.js';
import type { FakeIp } from '../../support/fake-ip.js';
import type { PresetService } from '../../../src/testing/presets.js';

type Method = 'dr' | 'nat' | 'tun';

/** Real servers of one service: `10.0.0.11:80 nat`, with a weight behind it where it is not 1. */
function service(...servers: readonly string[]): PresetService {
  return {
    service: { protocol: 'tcp', address: '192.0.2.1', port: 80 },
    destinations: servers.map((text) => {
      const [end = '', method = 'dr', weight = '1'] = text.split(' ');
      const at = end.lastIndexOf(':');
      return {
        destination: { address: end.slice(0, at), port: Number(end.slice(at + 1)) },
        settings: { forwardingMethod: method as Method, weight: Number(weight) },
      };
    }),
  };
}

const director = (ip: FakeIp, ...servers: readonly string[]): Known => ({
  services: [service(...servers)],
  run: fakeIp(ip),
});

describe('no-route', () => {
  test('a real server of many services is reported once, and one of weight 0 or on this machine not at all', async () => {
    const known = director(
      { resolvedRoutes: { '127.0.0.1': 'local' } },
      '10.0.0.11:80',
      '10.0.0.12:80 dr 0',
      '127.0.0.1:80',
    );
    const services = [service('10.0.0.11:81 nat'), ...(known.services ?? [])];
    expect(await runCheck(noRoute, { ...known, services })).toEqual([
      {
        evidence: 'ip route get 10.0.0.11: unreachable, a real server of tcp:192.0.2.1:80',
        fix: ['ip route add 10.0.0.11 via GATEWAY'],
      },
    ]);
  });

  test('of a hundred thousand real servers one program looks up all', async () => {
    let started = 0;
    const resolvedRoutes = Object.fromEntries(
      Array.from({ length: 100_000 }, (_, index) => [
        `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`,
        'eth0',
      ]),
    );
    const ip = fakeIp({ resolvedRoutes });
    const run: Known['run'] = (...asked) => {
      started += 1;
      return ip(...asked);
    };
    const [entry] = await factsOf({ services: [service('10.0.0.11:80')] }).ipvs.table();
    const [one] = entry?.destinations ?? [];
    if (entry === undefined || one === undefined) throw new Error('a service');
    const destinations = Object.keys(resolvedRoutes).map((address) => ({
      ...one,
      id: { address: IpAddress.parse(address), port: 80 },
    }));
    const snapshot = factsOf({ table: [{ ...entry, destinations }], run });
    for (const check of [noRoute, directRoutingOffLink, redirectsSent, tunnelMtu]) {
      expect(await check.run(snapshot)).toEqual([]);
    }
    expect(started).toBeLessThan(4);
  });
});

describe('direct-routing-off-link', () => {
  test('routers are for other methods, and one that is the real server itself is none', async () => {
    const resolvedRoutes = {
      '10.0.0.11': '10.0.0.11 eth0',
      '10.0.0.12': 'eth0',
      '10.0.0.13': 'local',
      '10.0.0.14': '10.0.0.1 eth0',
    };
    const well = [
      '10.0.0.11:80',
      '10.0.0.12:80',
      '10.0.0.13:80',
      '10.0.0.14:80 tun',
      '10.0.0.14:81 nat',
    ];
    expect(await runCheck(directRoutingOffLink, director({ resolvedRoutes }, ...well))).toEqual([]);
    expect(
      await runCheck(directRoutingOffLink, director({ resolvedRoutes }, '10.0.0.14:80 dr 3')),
    ).toEqual([
      {
        evidence: '10.0.0.14 via 10.0.0.1 dev eth0, a real server of tcp:192.0.2.1:80',
        fix: ['ipvsadm -e -t 192.0.2.1:80 -r 10.0.0.14:80 -i -w 3 --tun-type ipip'],
      },
    ]);
  });
});

describe('redirects-sent', () => {
  const ip = {
    links: [{ name: 'eth0.7', addresses: ['192.0.2.1/24'] }, { name: 'eth1' }],
    resolvedRoutes: { '192.0.2.11': 'eth0.7', '10.0.0.11': 'eth1' },
  };
  const settings = {
    'net/ipv4/conf/all/send_redirects': 0,
    'net/ipv4/conf/eth0.7/send_redirects': 1,
  };

  test('each setting that is on is turned off, since one is enough', async () => {
    expect(
      await runCheck(redirectsSent, { ...director(ip, '192.0.2.11:80 nat'), settings }),
    ).toEqual([
      {
        evidence:
          'net.ipv4.conf.eth0/7.send_redirects = 1; clients and 192.0.2.11 are both on eth0.7',
        fix: ['sysctl -w net.ipv4.conf.eth0/7.send_redirects=0'],
      },
    ]);
  });

  test('nothing is found with two arms, another method, no redirects, or an older kernel', async () => {
    expect(
      await runCheck(redirectsSent, { ...director(ip, '10.0.0.11:80 nat'), settings }),
    ).toEqual([]);
    expect(
      await runCheck(redirectsSent, { ...director(ip, '192.0.2.11:80 dr'), settings }),
    ).toEqual([]);
    const off = { ...settings, 'net/ipv4/conf/eth0.7/send_redirects': 0 };
    expect(
      await runCheck(redirectsSent, { ...director(ip, '192.0.2.11:80 nat'), settings: off }),
    ).toEqual([]);
    expect(await runCheck(redirectsSent, director(ip, '192.0.2.11:80 nat'))).toEqual([]);
  });
});

describe('real-server-port-closed', () => {
  test('who listens is well, and so is whom nobody can ask: other methods, other protocols, weight 0', async () => {
    const servers = [
      '10.0.0.11:80 nat',
      '10.0.0.12:80 nat 0',
      '10.0.0.13:80 dr',
      '10.0.0.14:80 tun',
      '127.0.0.1:80 nat',
    ];
    const known = { ...director({}, ...servers), open: ['10.0.0.11 80'] };
    expect(await runCheck(realServerPortClosed, known)).toEqual([]);
    expect(await evidence(realServerPortClosed, { ...known, open: [] })).toEqual([
      '10.0.0.11:80 refuses connections, a real server of tcp:192.0.2.1:80',
    ]);
    const { destinations = [] } = service('10.0.0.11:80 nat');
    for (const other of [
      { protocol: 'udp', address: '192.0.2.1', port: 80 },
      { firewallMark: 1 },
    ] as const) {
      const services = [{ service: other, destinations }];
      expect(await runCheck(realServerPortClosed, { ...known, services, open: [] })).toEqual([]);
    }
  });

  test('of very many real servers the first 256 are asked, and one of many services once', async () => {
    const servers = Array.from(
      { length: 300 },
      (_, index) => `10.0.1.${index % 150}:${80 + (index >> 7)} nat`,
    );
    const services = [
      service(...servers),
      {
        ...service(...servers),
        service: { protocol: 'tcp', address: '192.0.2.2', port: 80 } as const,
      },
    ];
    const found = await evidence(realServerPortClosed, { services });
    expect(found).toHaveLength(256);
    expect(new Set(found.map((text) => text.split(' ')[0])).size).toBe(256);
  });
});

describe('nat-to-loopback', () => {
  test('every address of the loopback net counts, by NAT alone', async () => {
    const known = director({}, '127.0.0.1:80', '127.8.8.8:80 nat', '128.0.0.1:80 nat');
    expect(await runCheck(natToLoopback, known)).toEqual([
      {
        evidence: 'tcp:192.0.2.1:80: real server 127.8.8.8:80 by NAT',
        fix: ['ipvsadm -e -t 192.0.2.1:80 -r 127.8.8.8:80 -g -w 1'],
      },
    ]);
  });

  test('a service by mark keeps its ports by direct routing', async () => {
    const { destinations = [] } = service('127.0.0.1:80 nat');
    const services = [{ service: { firewallMark: 7 }, destinations }];
    const found = await runCheck(natToLoopback, { services });
    expect(found[0]?.fix).toEqual(['ipvsadm -e -f 7 -r 127.0.0.1:80 -g -w 1']);
  });
});
