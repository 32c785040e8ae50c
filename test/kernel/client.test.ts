/** Every method of the client on the real kernel; what it did is what the genuine program then saves. */
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { IpvsClient } from '../../src/index.js';
import { useNamespace } from '../support/director.js';
import type { Failure } from './fixtures/client-calls.js';

const director = useNamespace();
const file = join(import.meta.dirname, 'fixtures/client-calls.ts');

interface Outcome {
  readonly value?: unknown;
  readonly failure?: Failure;
}

async function outcomeOf(method: keyof IpvsClient, ...args: unknown[]): Promise<Outcome> {
  return (await director().call(file, 'call', method, ...args)) as Outcome;
}

async function call(method: keyof IpvsClient, ...args: unknown[]): Promise<unknown> {
  const { value, failure } = await outcomeOf(method, ...args);
  if (failure !== undefined) throw new Error(failure.message);
  return value;
}

async function codeOf(method: keyof IpvsClient, ...args: unknown[]): Promise<string | undefined> {
  return (await outcomeOf(method, ...args)).failure?.code;
}

/** The rules, as the genuine program saves them. */
async function saved(): Promise<string[]> {
  const { stdout } = await director().genuine(['-Sn']);
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .sort();
}

const web = { protocol: 'tcp', address: '192.0.2.1', port: 80 } as const;
const web6 = { protocol: 'tcp', address: '2001:db8::1', port: 80 } as const;
const real = { address: '10.0.0.2', port: 8080 } as const;

beforeAll(async () => {
  const script =
    'ip link add eth0 type dummy; ip addr add 192.0.2.9/24 dev eth0; ip link set eth0 up; ip -6 addr add 2001:db8::9/64 dev eth0 nodad';
  expect((await director().run(['sh', '-ec', script])).code).toBe(0);
});

afterEach(async () => {
  await call('flush');
});

test('info', async () => {
  expect(await call('info')).toEqual({
    version: { major: 1, minor: 2, patch: 1 },
    connectionTableSize: 4096,
  });
});

describe('virtual services', () => {
  // The genuine program writes marks from 2^31 on as negative numbers, and leaves the third flag of mh out.
  test.each([
    ['tcp', web, { scheduler: 'rr' }, '-A -t 192.0.2.1:80 -s rr'],
    ['the defaults', web, {}, '-A -t 192.0.2.1:80 -s wlc'],
    ['udp', { ...web, protocol: 'udp', port: 65535 }, {}, '-A -u 192.0.2.1:65535 -s wlc'],
    [
      'sctp',
      { ...web, protocol: 'sctp' },
      { scheduler: 'sed' },
      '-A --sctp-service 192.0.2.1:80 -s sed',
    ],
    ['IPv6', web6, { scheduler: 'lc' }, '-A -t [2001:db8::1]:80 -s lc'],
    [
      'every port',
      { ...web, port: 0 },
      { persistence: { timeoutSeconds: 1 } },
      '-A -t 192.0.2.1:0 -s wlc -p 1',
    ],
    ['the lowest mark', { firewallMark: 1 }, {}, '-A -f 1 -s wlc'],
    ['the highest mark', { firewallMark: 4294967295 }, {}, '-A -f -1 -s wlc'],
    [
      'an IPv6 mark',
      { firewallMark: 2147483648, family: 'ipv6' },
      {},
      '-A -f -2147483648 -6 -s wlc',
    ],
    [
      'persistence with a mask',
      web,
      { persistence: { timeoutSeconds: 600, netmask: '255.255.255.0' } },
      '-A -t 192.0.2.1:80 -s wlc -p 600 -M 255.255.255.0',
    ],
    [
      'persistence with a prefix',
      web6,
      { persistence: { timeoutSeconds: 2678400, prefixLength: 64 } },
      '-A -t [2001:db8::1]:80 -s wlc -p 2678400 -M 64',
    ],
    [
      'a persistence engine',
      { ...web, protocol: 'udp', port: 5060 },
      { scheduler: 'rr', persistence: { timeoutSeconds: 60 }, persistenceEngine: 'sip' },
      '-A -u 192.0.2.1:5060 -s rr -p 60 --pe sip',
    ],
    [
      'one packet at a time',
      { ...web, protocol: 'udp' },
      { onePacket: true },
      '-A -u 192.0.2.1:80 -s wlc -o',
    ],
    [
      'flags of sh',
      web,
      { scheduler: 'sh', schedulerFlags: [1, 2] },
      '-A -t 192.0.2.1:80 -s sh -b sh-fallback,sh-port',
    ],
    [
      'flags of mh',
      web,
      { scheduler: 'mh', schedulerFlags: [2, 3] },
      '-A -t 192.0.2.1:80 -s mh -b mh-port',
    ],
  ])('%s', async (_name, service, settings, rule) => {
    await call('addService', service, settings);
    expect(await saved()).toEqual([rule]);
    expect(await call('service', service)).toMatchObject({ id: service, settings });
    expect(await call('services')).toMatchObject([{ id: service, settings }]);
    await call('deleteService', service);
    expect(await saved()).toEqual([]);
  });

  test('are replaced as a whole; real servers stay', async () => {
    await call('addService', web, { scheduler: 'rr', persistence: { timeoutSeconds: 5 } });
    await call('addDestination', web, real, { forwardingMethod: 'nat' });
    await call('replaceService', web, { scheduler: 'sh', schedulerFlags: [2] });
    expect(await saved()).toEqual([
      '-A -t 192.0.2.1:80 -s sh -b sh-port',
      '-a -t 192.0.2.1:80 -r 10.0.0.2:8080 -m -w 1',
    ]);
  });

  test.each([
    'rr',
    'wrr',
    'lc',
    'wlc',
    'lblc',
    'lblcr',
    'dh',
    'sh',
    'sed',
    'nq',
    'fo',
    'ovf',
    'mh',
  ])('scheduler %s', async (scheduler) => {
    await call('addService', web, { scheduler });
    expect(await saved()).toEqual([`-A -t 192.0.2.1:80 -s ${scheduler}`]);
  });

  test('are refused as documented', async () => {
    expect(await codeOf('service', web)).toBe('ESRCH');
    expect(await codeOf('replaceService', web)).toBe('ESRCH');
    expect(await codeOf('deleteService', web)).toBe('ESRCH');
    expect(await codeOf('zero', { service: web })).toBe('ESRCH');
    expect(await codeOf('addService', web, { scheduler: 'unheard' })).toBe('ENOENT');
    expect(await codeOf('addService', web, { persistenceEngine: 'unheard' })).toBe('ENOENT');
    await call('addService', web);
    expect(await codeOf('addService', web)).toBe('EEXIST');
    expect(await codeOf('replaceService', web, { scheduler: 'unheard' })).toBe('ENOENT');
    // A service for every port is for persistent clients only.
    expect(await codeOf('addService', { ...web, port: 0 })).toBeUndefined();
  });
});

describe('real servers', () => {
  const tunnelled = (tunnel?: object) => ({ forwardingMethod: 'tun', tunnel });

  test.each([
    ['the defaults', web, { address: '10.0.0.2', port: 80 }, {}, '10.0.0.2:80 -g -w 1'],
    ['masquerading', web, real, { forwardingMethod: 'nat' }, '10.0.0.2:8080 -m -w 1'],
    ['weight 0', web, real, { forwardingMethod: 'nat', weight: 0 }, '10.0.0.2:8080 -m -w 0'],
    [
      'the highest weight',
      web,
      real,
      { forwardingMethod: 'nat', weight: 2147483647 },
      '10.0.0.2:8080 -m -w 2147483647',
    ],
    [
      'a tunnel',
      web,
      { address: '10.0.0.2', port: 80 },
      tunnelled(),
      '10.0.0.2:80 -i -w 1 --tun-type ipip',
    ],
    [
      'a gue tunnel',
      web,
      { address: '10.0.0.2', port: 80 },
      tunnelled({ type: 'gue', port: 6080 }),
      '10.0.0.2:80 -i -w 1 --tun-type gue --tun-port 6080 --tun-nocsum',
    ],
    [
      'a gue tunnel with remote checksums',
      web,
      { address: '10.0.0.2', port: 80 },
      tunnelled({ type: 'gue', port: 65535, checksum: 'remote' }),
      '10.0.0.2:80 -i -w 1 --tun-type gue --tun-port 65535 --tun-remcsum',
    ],
    [
      'a gre tunnel with checksums',
      web,
      { address: '10.0.0.2', port: 80 },
      tunnelled({ type: 'gre', checksum: 'full' }),
      '10.0.0.2:80 -i -w 1 --tun-type gre --tun-csum',
    ],
    ['IPv6', web6, { address: '2001:db8::2', port: 80 }, {}, '[2001:db8::2]:80 -g -w 1'],
    [
      'IPv6 behind IPv4',
      web,
      { address: '2001:db8::2', port: 80 },
      tunnelled(),
      '[2001:db8::2]:80 -i -w 1 --tun-type ipip',
    ],
  ])('%s', async (_name, service, destination, settings, words) => {
    await call('addService', service, { scheduler: 'rr' });
    await call('addDestination', service, destination, settings);
    expect((await saved())[1]).toContain(` -r ${words}`);
    const { tunnel, ...rest } = settings as { tunnel?: object };
    const expected = { id: destination, settings: { ...rest, ...(tunnel && { tunnel }) } };
    expect(await call('destinations', service)).toMatchObject([expected]);
    expect(await call('table')).toMatchObject([
      { service: { id: service }, destinations: [expected] },
    ]);
    await call('deleteDestination', service, destination);
    expect(await call('destinations', service)).toEqual([]);
  });

  test('have thresholds, which the genuine program lists and does not save', async () => {
    await call('addService', web);
    await call('addDestination', web, real, { upperThreshold: 100, lowerThreshold: 50 });
    const { stdout } = await director().genuine(['-Ln', '--thresholds']);
    expect(stdout).toMatch(/10\.0\.0\.2:8080 +100 +50 /);
  });

  test('keep thresholds up to 2^32-1, or are refused where the kernel knows none above 2^31-1', async () => {
    await call('addService', web);
    const settings = {
      forwardingMethod: 'nat',
      upperThreshold: 4294967295,
      lowerThreshold: 4294967295,
    };
    // Linux 6.1.176 takes them, 6.1.192 does not.
    const { failure } = await outcomeOf('addDestination', web, real, settings);
    expect([undefined, 'EINVAL']).toContain(failure?.code);
    if (failure !== undefined) return;
    expect(await call('destinations', web)).toMatchObject([{ settings }]);
  });

  test('are replaced as a whole', async () => {
    await call('addService', web);
    await call('addDestination', web, real, {
      forwardingMethod: 'nat',
      weight: 9,
      upperThreshold: 5,
    });
    await call('replaceDestination', web, real, { forwardingMethod: 'nat', lowerThreshold: 0 });
    expect((await saved())[1]).toBe('-a -t 192.0.2.1:80 -r 10.0.0.2:8080 -m -w 1');
  });

  test('are refused as documented', async () => {
    expect(await codeOf('addDestination', web, real)).toBe('ESRCH');
    expect(await codeOf('replaceDestination', web, real)).toBe('ESRCH');
    expect(await codeOf('deleteDestination', web, real)).toBe('ESRCH');
    expect(await codeOf('destinations', web)).toBe('ESRCH');
    await call('addService', web);
    expect(await codeOf('replaceDestination', web, real)).toBe('ENOENT');
    expect(await codeOf('deleteDestination', web, real)).toBe('ENOENT');
    await call('addDestination', web, real);
    expect(await codeOf('addDestination', web, real)).toBe('EEXIST');
    const other = { address: '10.0.0.3', port: 80 };
    expect(await codeOf('addDestination', web, other, { weight: -1 })).toBe('ERANGE');
    const thresholds = { upperThreshold: 1, lowerThreshold: 2 };
    expect(await codeOf('addDestination', web, other, thresholds)).toBe('ERANGE');
    expect(await codeOf('addDestination', web, { ...other, address: '2001:db8::2' })).toBe(
      'EINVAL',
    );
    const portless = { forwardingMethod: 'tun', tunnel: { type: 'gue' } };
    expect(await codeOf('addDestination', web, other, portless)).toBe('EINVAL');
  });
});

test('values without a place on the wire change nothing', async () => {
  const bad = [
    { type: 'addService', service: { firewallMark: 1 } },
    { type: 'addService', service: { firewallMark: 2 ** 32 } },
  ];
  expect((await outcomeOf('batch', bad)).failure?.name).toBe('RangeError');
  expect((await outcomeOf('addService', { ...web, port: 65536 })).failure?.name).toBe('RangeError');
  expect(await saved()).toEqual([]);
});

test('timeouts', async () => {
  const listed = async () => (await director().genuine(['-L', '--timeout'])).stdout.trim();
  const before = await call('timeouts');
  await call('setTimeouts', { tcpSeconds: 600, tcpFinSeconds: 60, udpSeconds: 30 });
  expect(await listed()).toBe('Timeout (tcp tcpfin udp): 600 60 30');
  await call('setTimeouts', { udpSeconds: 2147483 });
  expect(await call('timeouts')).toEqual({
    tcpSeconds: 600,
    tcpFinSeconds: 60,
    udpSeconds: 2147483,
  });
  expect(await codeOf('setTimeouts', { tcpSeconds: 4294967295 })).toBe('EINVAL');
  await call('setTimeouts', before);
});

test('sync daemons', async () => {
  const master = {
    state: 'master',
    interface: 'eth0',
    syncId: 255,
    maximumLength: 1200,
    group: '239.1.2.3',
    port: 65535,
    ttl: 255,
  };
  await call('startSyncDaemon', master);
  await call('startSyncDaemon', { state: 'backup', interface: 'eth0', group: 'ff02::81' });
  expect(await call('syncDaemons')).toMatchObject([
    master,
    { state: 'backup', interface: 'eth0', syncId: 0, group: 'ff02::81', port: 8848, ttl: 1 },
  ]);
  const { stdout } = await director().genuine(['-L', '--daemon']);
  expect(stdout).toContain(
    'master sync daemon (mcast=eth0, syncid=255, maxlen=1200, group=239.1.2.3, port=65535, ttl=255)',
  );
  expect(await codeOf('startSyncDaemon', master)).toBe('EEXIST');
  await call('stopSyncDaemon', 'master');
  await call('stopSyncDaemon', 'backup');
  expect(await codeOf('stopSyncDaemon', 'backup')).toBe('ESRCH');
  expect(await call('syncDaemons')).toEqual([]);
  expect(await codeOf('startSyncDaemon', { ...master, interface: 'eth9' })).toBe('ENODEV');
  expect(await codeOf('startSyncDaemon', { ...master, group: '10.0.0.1' })).toBe('EINVAL');
});

test('sync daemons that are stopped before they ran', async () => {
  expect(await director().call(file, 'startAndStop', 20)).toEqual([]);
});

test('a batch of 2,000, of which some are refused', async () => {
  const refused = Array.from({ length: 20 }, (_, index) => 99 + 100 * index);
  expect(await director().call(file, 'largeBatch')).toEqual({
    applied: 1980,
    progress: [256, 512, 768, 1024, 1280, 1536, 1792, 2000],
    services: 1980,
    refused,
    codes: ['EEXIST'],
  });
});

test('a batch of 2,000 that is refused as a whole', async () => {
  expect(await director().call(file, 'refusedBatch', 2_000)).toEqual([0, 2_000]);
});

test('100 calls at once', async () => {
  const marks = Array.from({ length: 50 }, (_, index) => index + 1);
  expect(await director().call(file, 'parallelCalls')).toEqual([marks, [50]]);
});

test('a dump of 1,000 may be left early, again and again', async () => {
  expect(await director().call(file, 'leaveEarly')).toEqual([1, 1, 1, 1, 1, 1000]);
});

test('counters and connections are seen, and counters set to zero', async () => {
  const echo = { protocol: 'udp', address: '192.0.2.9', port: 5000 };
  await call('addService', echo, { scheduler: 'rr' });
  await call(
    'addDestination',
    echo,
    { address: '192.0.2.9', port: 5001 },
    { forwardingMethod: 'nat' },
  );
  const { statistics, connections, zeroed } = (await director().call(
    file,
    'countAndZero',
    echo,
  )) as Record<string, unknown>;
  expect(statistics).toMatchObject({ connections: 1, incomingPackets: 1, incomingBytes: 33 });
  expect(zeroed).toMatchObject({ connections: 0, incomingBytes: 0 });
  expect(connections).toMatchObject([
    {
      protocol: 'udp',
      virtual: { address: '192.0.2.9', port: 5000 },
      destination: { address: '192.0.2.9', port: 5001 },
      state: 'UDP',
    },
  ]);
});
