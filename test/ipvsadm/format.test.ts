import { describe, expect, test } from 'vitest';
import { TextPieces } from '../../src/common/text-pieces.js';
import { IpAddress } from '../../src/ipvs/model/address.js';
import type { Destination, DestinationSettings } from '../../src/ipvs/model/destination.js';
import { defaultDestinationSettings } from '../../src/ipvs/model/destination.js';
import type { ServiceId, ServiceSettings, VirtualService } from '../../src/ipvs/model/service.js';
import { defaultServiceSettings } from '../../src/ipvs/model/service.js';
import { toStatistics } from '../../src/ipvs/model/statistics.js';
import {
  connectionHeadings,
  exactNumber,
  formatConnection,
  formatDaemon,
  formatTimeouts,
  numberFormat,
  shortNumber,
  tableFormat,
} from '../../src/ipvsadm/format.js';
import { numericNaming } from '../../src/rules/format-endpoint.js';
import type { ListColumns } from '../../src/rules/invocation.js';
import { destinationRule, serviceRule } from '../../src/rules/format-rules.js';

const address = (text: string) => IpAddress.parse(text);
const web: ServiceId = { protocol: 'tcp', address: address('192.0.2.1'), port: 80 };
const numbers = toStatistics({
  CONNS: 6n,
  INPKTS: 36n,
  INBYTES: 2382n,
  CPS: 100_000_000n,
  INBPS: 100_000_000n,
});

function service(id: ServiceId, settings: Partial<ServiceSettings> = {}): VirtualService {
  return { id, settings: { ...defaultServiceSettings, ...settings }, statistics: numbers };
}

function server(
  settings: Partial<DestinationSettings> = {},
  at = '10.0.0.2',
  port = 80,
): Destination {
  return {
    id: { address: address(at), port },
    settings: { ...defaultDestinationSettings, ...settings },
    activeConnections: 1,
    inactiveConnections: 22,
    persistentConnections: 3,
    statistics: numbers,
  };
}

function lineOf(add: (lines: TextPieces) => void): string {
  const lines = new TextPieces();
  add(lines);
  return lines.take();
}

/** The headings, a service and a real server in one kind of listing. */
function listing(columns: ListColumns, destination = server(), exact = false): string[] {
  const format =
    columns === 'stats' || columns === 'rate' ? numberFormat(columns, exact) : tableFormat(columns);
  return [
    ...format.headings,
    lineOf((lines) => {
      format.addService(lines, service(web), numericNaming);
    }),
    lineOf((lines) => {
      format.addDestination(lines, web, destination, numericNaming);
    }),
  ];
}

describe('large numbers', () => {
  test.each([
    [0n, '        0'],
    [99_999_999n, ' 99999999'],
    [100_000_000n, '  100000K'],
    [999_999_999n, '  999999K'],
    [1_000_000_000n, '    1000M'],
    [99_999_999_999n, '   99999M'],
    [100_000_000_000n, '     100G'],
    [99_999_999_999_999n, '   99999G'],
    [100_000_000_000_000n, '     100T'],
    [18_446_744_073_709_551_615n, '18446744T'],
  ])('%d is %j', (value, text) => {
    expect(shortNumber(value)).toBe(text);
  });

  test.each([
    [0n, '        0'],
    [99_999_999n, ' 99999999'],
    [100_000_000n, ' 100000000'],
    [18_446_744_073_709_551_615n, ' 18446744073709551615'],
  ])('%d in full is %j', (value, text) => {
    expect(exactNumber(value)).toBe(text);
  });
});

describe('a listing has the columns of the genuine one, blanks at the end included', () => {
  test('by default', () => {
    expect(listing('default')).toEqual([
      'Prot LocalAddress:Port Scheduler Flags',
      '  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn',
      'TCP  192.0.2.1:80 wlc',
      '  -> 10.0.0.2:80                  Route   1      1          22        ',
    ]);
  });

  test('with --stats', () => {
    expect(listing('stats')).toEqual([
      'Prot LocalAddress:Port               Conns   InPkts  OutPkts  InBytes OutBytes',
      '  -> RemoteAddress:Port',
      'TCP  192.0.2.1:80                        6       36        0     2382        0',
      '  -> 10.0.0.2:80                         6       36        0     2382        0',
    ]);
  });

  test('with --rate, where the first three of a real server are never shortened', () => {
    expect(listing('rate')).toEqual([
      'Prot LocalAddress:Port                 CPS    InPPS   OutPPS    InBPS   OutBPS',
      '  -> RemoteAddress:Port',
      'TCP  192.0.2.1:80                  100000K        0        0  100000K        0',
      '  -> 10.0.0.2:80                  100000000        0        0  100000K        0',
    ]);
  });

  test('with --rate --exact', () => {
    expect(listing('rate', server(), true)[2]).toBe(
      'TCP  192.0.2.1:80                 100000000        0        0 100000000        0',
    );
  });

  test('with --thresholds', () => {
    expect(listing('thresholds', server({ upperThreshold: 10, lowerThreshold: 5 }))).toEqual([
      'Prot LocalAddress:Port            Uthreshold Lthreshold ActiveConn InActConn ',
      '  -> RemoteAddress:Port',
      'TCP  192.0.2.1:80 wlc',
      '  -> 10.0.0.2:80                  10         5          1          22        ',
    ]);
  });

  test('with --persistent-conn', () => {
    expect(listing('persistent-conn').slice(0, 2)).toEqual([
      'Prot LocalAddress:Port            Weight    PersistConn ActiveConn InActConn ',
      '  -> RemoteAddress:Port',
    ]);
    expect(listing('persistent-conn')[3]).toBe(
      '  -> 10.0.0.2:80                  1         3           1          22        ',
    );
  });

  test.each([
    [undefined, 'n/a          '],
    [{ type: 'ipip', port: 0, checksum: 'none' }, 'ipip         '],
    [{ type: 'gue', port: 6080, checksum: 'none' }, 'gue:6080:-c  '],
    [{ type: 'gue', port: 6080, checksum: 'full' }, 'gue:6080:+c  '],
    [{ type: 'gue', port: 6080, checksum: 'remote' }, 'gue:6080:r+c '],
    [{ type: 'gre', port: 0, checksum: 'full' }, 'gre:+c       '],
    [{ type: 'unknown', port: 0, checksum: 'none' }, 'n/a          '],
  ] as const)('with --tun-info: %j', (tunnel, text) => {
    const lines = listing('tun-info', server({ forwardingMethod: 'tun', tunnel }));
    expect(lines[1]).toBe(
      '  -> RemoteAddress:Port           Forward TunnelInfo    Weight ActiveConn InActConn',
    );
    expect(lines[3]).toBe(
      `  -> 10.0.0.2:80                  Tunnel  ${text} 1      1          22        `,
    );
  });

  test.each([
    ['nat', 'Masq'],
    ['local', 'Local'],
    ['tun', 'Tunnel'],
    ['dr', 'Route'],
  ] as const)('forwarding by %s is %s', (forwardingMethod, word) => {
    expect(listing('default', server({ forwardingMethod }))[3]).toContain(` ${word.padEnd(7)} 1 `);
  });
});

describe('a virtual service', () => {
  const line = (value: VirtualService) =>
    lineOf((lines) => {
      tableFormat('default').addService(lines, value, numericNaming);
    });
  const rule = (value: VirtualService) => serviceRule(value, numericNaming);
  const persistence = { timeoutSeconds: 360 };
  const netmask = address('255.255.255.0');

  test.each([
    [service(web), 'TCP  192.0.2.1:80 wlc', '-A -t 192.0.2.1:80 -s wlc'],
    [
      service({ protocol: 'udp', address: address('192.0.2.1'), port: 53 }, { onePacket: true }),
      'UDP  192.0.2.1:53 wlc ops',
      '-A -u 192.0.2.1:53 -s wlc -o',
    ],
    [
      service({ protocol: 'sctp', address: address('2001:db8::1'), port: 99 }, { scheduler: 'rr' }),
      'SCTP [2001:db8::1]:99 rr',
      '-A --sctp-service [2001:db8::1]:99 -s rr',
    ],
    [service({ firewallMark: 7, family: 'ipv4' }), 'FWM  7 wlc', '-A -f 7 -s wlc'],
    [
      service({ firewallMark: 4294967295, family: 'ipv6' }),
      'FWM  4294967295 IPv6 wlc',
      '-A -f 4294967295 -6 -s wlc',
    ],
    [
      service(web, { persistence: { ...persistence, netmask: address('255.255.255.255') } }),
      'TCP  192.0.2.1:80 wlc persistent 360',
      '-A -t 192.0.2.1:80 -s wlc -p 360',
    ],
    [
      service(web, { persistence: { ...persistence, netmask }, persistenceEngine: 'sip' }),
      'TCP  192.0.2.1:80 wlc persistent 360 mask 255.255.255.0 pe sip',
      '-A -t 192.0.2.1:80 -s wlc -p 360 -M 255.255.255.0 --pe sip',
    ],
    [
      service(web, { persistence: { ...persistence, prefixLength: 64 } }),
      'TCP  192.0.2.1:80 wlc persistent 360 mask 64',
      '-A -t 192.0.2.1:80 -s wlc -p 360 -M 64',
    ],
    [
      service(web, { persistence: { ...persistence, prefixLength: 128 } }),
      'TCP  192.0.2.1:80 wlc persistent 360',
      '-A -t 192.0.2.1:80 -s wlc -p 360',
    ],
    [
      service(web, { persistenceEngine: 'sip' }),
      'TCP  192.0.2.1:80 wlc',
      '-A -t 192.0.2.1:80 -s wlc --pe sip',
    ],
    [
      service(web, { scheduler: 'sh', schedulerFlags: [1, 2] }),
      'TCP  192.0.2.1:80 sh (sh-fallback,sh-port)',
      '-A -t 192.0.2.1:80 -s sh -b sh-fallback,sh-port',
    ],
    [
      service(web, { scheduler: 'rr', schedulerFlags: [1, 3] }),
      'TCP  192.0.2.1:80 rr (flag-1,flag-3)',
      '-A -t 192.0.2.1:80 -s rr -b flag-1,flag-3',
    ],
    // It has no name in the listing, and is not lost in the rules.
    [
      service(web, { scheduler: 'sh', schedulerFlags: [3] }),
      'TCP  192.0.2.1:80 sh ()',
      '-A -t 192.0.2.1:80 -s sh -b flag-3',
    ],
  ])('%# is listed and saved', (value, listed, saved) => {
    expect(line(value)).toBe(listed);
    expect(rule(value)).toBe(saved);
  });
});

describe('a real server is saved with all that it was given', () => {
  const rule = (destination: Destination, id: ServiceId = web) =>
    destinationRule(id, destination, numericNaming);

  test.each([
    [server(), '-a -t 192.0.2.1:80 -r 10.0.0.2:80 -g -w 1'],
    [
      server({ forwardingMethod: 'nat', weight: 0 }, '10.0.0.2', 8080),
      '-a -t 192.0.2.1:80 -r 10.0.0.2:8080 -m -w 0',
    ],
    [server({ forwardingMethod: 'local' }), '-a -t 192.0.2.1:80 -r 10.0.0.2:80 -g -w 1'],
    [
      server({ upperThreshold: 10, lowerThreshold: 5 }),
      '-a -t 192.0.2.1:80 -r 10.0.0.2:80 -g -w 1 -x 10 -y 5',
    ],
    [
      server(
        { forwardingMethod: 'tun', tunnel: { type: 'ipip', port: 0, checksum: 'none' } },
        '2001:db8::2',
      ),
      '-a -t 192.0.2.1:80 -r [2001:db8::2]:80 -i -w 1 --tun-type ipip',
    ],
    [
      server({ forwardingMethod: 'tun', tunnel: { type: 'gue', port: 6080, checksum: 'remote' } }),
      '-a -t 192.0.2.1:80 -r 10.0.0.2:80 -i -w 1 --tun-type gue --tun-port 6080 --tun-remcsum',
    ],
    [
      server({ forwardingMethod: 'tun', tunnel: { type: 'gre', port: 0, checksum: 'full' } }),
      '-a -t 192.0.2.1:80 -r 10.0.0.2:80 -i -w 1 --tun-type gre --tun-csum',
    ],
    [
      server({ forwardingMethod: 'tun', tunnel: { type: 'unknown', port: 0, checksum: 'none' } }),
      '-a -t 192.0.2.1:80 -r 10.0.0.2:80 -i -w 1',
    ],
  ])('%#', (destination, saved) => {
    expect(rule(destination)).toBe(saved);
  });

  test('of a mark on IPv6 packets', () => {
    expect(rule(server({}, '2001:db8::2', 0), { firewallMark: 7, family: 'ipv6' })).toBe(
      '-a -f 7 -6 -r [2001:db8::2]:0 -g -w 1',
    );
  });
});

describe('what else is listed', () => {
  test('timeouts', () => {
    expect(formatTimeouts({ tcpSeconds: 900, tcpFinSeconds: 120, udpSeconds: 300 })).toBe(
      'Timeout (tcp tcpfin udp): 900 120 300',
    );
  });

  test('a daemon, with as much as the kernel says of it', () => {
    const old = {
      state: 'backup',
      interface: 'eth0',
      syncId: 5,
      maximumLength: undefined,
      group: undefined,
      port: undefined,
      ttl: undefined,
    } as const;
    expect(formatDaemon(old)).toBe('backup sync daemon (mcast=eth0, syncid=5)');
    const group = address('224.0.0.81');
    expect(
      formatDaemon({ ...old, state: 'master', maximumLength: 1472, group, port: 8848, ttl: 1 }),
    ).toBe(
      'master sync daemon (mcast=eth0, syncid=5, maxlen=1472, group=224.0.0.81, port=8848, ttl=1)',
    );
  });

  const connection = {
    protocol: 'tcp',
    source: { address: address('172.168.2.219'), port: 50658 },
    virtual: { address: address('172.168.2.20'), port: 80 },
    destination: { address: address('172.168.2.17'), port: 80 },
    state: 'ESTABLISHED',
    expiresInSeconds: 877,
    persistenceEngine: undefined,
    persistenceData: undefined,
  };

  test('a connection', () => {
    expect([
      ...connectionHeadings(false),
      formatConnection(connection, numericNaming, false),
    ]).toEqual([
      'IPVS connection entries',
      'pro expire state       source             virtual            destination',
      'TCP 14:37  ESTABLISHED 172.168.2.219:50658 172.168.2.20:80    172.168.2.17:80',
    ]);
  });

  test('a connection with what its persistence engine keeps it by, when that is wanted', () => {
    const sip = {
      ...connection,
      protocol: 'udp',
      state: 'UDP',
      persistenceEngine: 'sip',
      persistenceData: 'call-1',
    };
    expect(
      [...connectionHeadings(true), formatConnection(sip, numericNaming, true)].slice(1),
    ).toEqual([
      'pro expire state       source             virtual            destination        pe name          pe_data',
      'UDP 14:37  UDP         172.168.2.219:50658 172.168.2.20:80    172.168.2.17:80  sip                call-1',
    ]);
    expect(formatConnection(sip, numericNaming, false)).toMatch(/172\.168\.2\.17:80$/);
    expect(formatConnection(connection, numericNaming, true)).toMatch(/172\.168\.2\.17:80$/);
  });

  test('more than 99 minutes', () => {
    const long = { ...connection, expiresInSeconds: 86_399 };
    expect(formatConnection(long, numericNaming, false)).toMatch(/^TCP 1439:59 ESTABLISHED/);
  });
});
