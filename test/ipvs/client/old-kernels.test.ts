/** Kernels that are older than attributes we use: what they can do works, and what they cannot is not lost in silence. */
import { describe, expect, test } from 'vitest';
import { IpvsClient, IpvsError } from '../../../src/index.js';
import type {
  DestinationIdInput,
  DestinationSettingsInput,
  Operation,
  Release,
  SyncDaemonInput,
} from '../../../src/index.js';
import * as schema from '../../../src/ipvs/wire/schema.js';
import { collect } from '../../../src/common/collect.js';
import { firstWith, NEWEST } from '../../../src/testing/releases.js';
import { tableKernel } from '../../../src/testing/table-kernel.js';
import type { TableKernelOptions } from '../../../src/testing/table-kernel.js';

const web = { protocol: 'tcp', address: '192.0.2.1', port: 80 } as const;
const web6 = { protocol: 'tcp', address: '2001:db8::1', port: 80 } as const;
const mark = { firewallMark: 7 } as const;
const server = { address: '10.0.0.2', port: 80 } as const;
const other = { address: '10.0.0.3', port: 80 } as const;
const server6 = { address: '2001:db8::2', port: 80 } as const;
const tun = { forwardingMethod: 'tun' } as const;
const gue = { ...tun, tunnel: { type: 'gue', port: 6080 } } as const;
const ipip = { ...tun, tunnel: { type: 'ipip' } } as const;

const add = (
  destination: DestinationIdInput,
  settings: DestinationSettingsInput = {},
  service: typeof web | typeof mark = web,
): Operation => ({ type: 'addDestination', service, destination, settings });
const set = (destination: DestinationIdInput, settings: DestinationSettingsInput): Operation => ({
  type: 'replaceDestination',
  service: web,
  destination,
  settings,
});
const remove = (destination: DestinationIdInput): Operation => ({
  type: 'deleteDestination',
  service: web,
  destination,
});

async function open(release: Release, options: TableKernelOptions = {}) {
  const kernel = tableKernel({ release, services: [{ service: web }], ...options });
  const client = await IpvsClient.open({ socket: kernel });
  const asked = () => kernel.requests.map(({ command }) => command);
  const servers = () =>
    kernel
      .table()
      .flatMap(({ destinations }) =>
        destinations.map(({ id, settings }) => `${id.address} ${settings.tunnel?.type ?? ''}`),
      );
  return { kernel, client, asked, servers };
}

async function errorOf(call: Promise<unknown>): Promise<IpvsError> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof IpvsError)) throw new TypeError('the call did not fail');
  return error;
}

test('the first kernels with an attribute are those of the schema', () => {
  const { service, destination, daemon } = schema;
  for (const [table, first] of [
    [service, firstWith.SERVICE],
    [destination, firstWith.DEST],
    [daemon, firstWith.DAEMON],
  ] as const) {
    const declared = Object.entries(table.declaration).flatMap(([name, attribute]) =>
      'since' in attribute ? [[name, attribute.since]] : [],
    );
    expect(Object.fromEntries(declared)).toEqual(first);
  }
});

describe.each<Release>(['3.10', '4.4', '5.4', '6.1'])('Linux %s', (release) => {
  const statistics = {
    connections: 3n,
    incomingPackets: 4n,
    outgoingBytes: 2n ** 40n,
    rates: { connectionsPerSecond: 5 },
  };

  test('takes and gives services and real servers of every kind that it ever had', async () => {
    const { client, kernel, asked } = await open(release, { services: [] });
    const settings = { weight: 5, upperThreshold: 9, lowerThreshold: 3 };
    const outcome = await client.batch([
      { type: 'addService', service: web, settings: { scheduler: 'rr' } },
      { type: 'addService', service: mark, settings: { onePacket: true } },
      {
        type: 'addService',
        service: web6,
        settings: { persistence: { timeoutSeconds: 90, prefixLength: 64 } },
      },
      add(server, { forwardingMethod: 'nat', ...settings }),
      add(other, tun),
      add({ ...other, address: '10.0.0.4' }, ipip),
      add({ address: '10.0.0.5', port: 0 }, { forwardingMethod: 'local' }, mark),
      { type: 'addDestination', service: web6, destination: server6 },
      set(other, { ...ipip, weight: 0 }),
      { type: 'zeroAll' },
    ]);
    expect(outcome).toEqual({ applied: 10, failures: [] });
    expect(asked()).toHaveLength(10);
    const table = await collect(client.table());
    expect(table).toEqual(kernel.table());
    expect(table.map(({ destinations }) => destinations.length)).toEqual([1, 1, 3]);
  });

  test('reports counters of services and real servers', async () => {
    const { client } = await open(release, {
      services: [{ service: web, statistics, destinations: [{ destination: server, statistics }] }],
    });
    const expected = {
      connections: 3n,
      incomingPackets: 4n,
      outgoingBytes: 2n ** 40n,
      rates: { connectionsPerSecond: 5 },
    };
    expect((await client.service(web)).statistics).toMatchObject(expected);
    expect(await collect(client.destinations(web))).toMatchObject([{ statistics: expected }]);
  });

  test('runs daemons, and lets them be chosen as they always were', async () => {
    const { client, asked } = await open(release);
    await client.startSyncDaemon({ state: 'backup', interface: 'eth0', syncId: 7 });
    const always = { group: '224.0.0.81', port: 8848, ttl: 1 };
    await client.startSyncDaemon({ state: 'master', interface: 'eth0', ...always });
    expect(asked()).toEqual(['NEW_DAEMON', 'NEW_DAEMON']);
    expect(await client.syncDaemons()).toMatchObject([
      { state: 'master', interface: 'eth0', syncId: 0 },
      { state: 'backup', interface: 'eth0', syncId: 7 },
    ]);
    await client.stopSyncDaemon('master');
    expect(await client.syncDaemons()).toHaveLength(1);
  });

  test('refuses a scheduler that it does not have, and says so itself', async () => {
    const { client } = await open(release);
    const failing = client.addService(mark, { scheduler: 'mh' }).then(() => 'added');
    if (release.startsWith('3') || release === '4.4') {
      await expect(failing).rejects.toMatchObject({ code: 'ENOENT', unsupported: undefined });
    } else await expect(failing).resolves.toBe('added');
  });
});

test('counters of 32 bits wrap around', async () => {
  const services = [
    { service: web, statistics: { connections: 2n ** 32n + 1n, incomingBytes: 2n ** 32n } },
  ];
  const { client } = await open('4.0', { services });
  const { statistics } = await client.service(web);
  expect(statistics).toMatchObject({ connections: 1n, incomingBytes: 2n ** 32n });
});

interface Late {
  readonly name: string;
  readonly before: Release;
  readonly since: Release;
  readonly destination: DestinationIdInput;
  readonly settings: DestinationSettingsInput;
  readonly unsupported: readonly string[];
  readonly attributes: readonly string[];
}

const FAMILY = 'IPVS_DEST_ATTR_ADDR_FAMILY';
const TYPE = 'IPVS_DEST_ATTR_TUN_TYPE';
const FLAGS = 'IPVS_DEST_ATTR_TUN_FLAGS';

const late: readonly Late[] = [
  {
    name: 'a real server of another family',
    before: '3.17',
    since: '3.18',
    destination: server6,
    settings: tun,
    unsupported: ['family'],
    attributes: [FAMILY],
  },
  {
    name: 'a gue tunnel',
    before: '5.1',
    since: '5.2',
    destination: server,
    settings: gue,
    unsupported: ['tunnelType'],
    attributes: [TYPE],
  },
  {
    name: 'a gue tunnel with checksums',
    before: '5.2',
    since: '5.3',
    destination: server,
    settings: { ...tun, tunnel: { ...gue.tunnel, checksum: 'remote' } },
    unsupported: ['tunnelChecksum'],
    attributes: [FLAGS],
  },
  {
    name: 'a gre tunnel, whose number one kernel keeps and does not heed',
    before: '5.2',
    since: '5.3',
    destination: server,
    settings: { ...tun, tunnel: { type: 'gre' } },
    unsupported: ['tunnelType'],
    attributes: [FLAGS],
  },
  {
    name: 'much at once',
    before: '3.10',
    since: '5.3',
    destination: server6,
    settings: { ...tun, tunnel: { type: 'gre', checksum: 'full' } },
    unsupported: ['family', 'tunnelType', 'tunnelChecksum'],
    attributes: [FAMILY, TYPE, FLAGS, FLAGS],
  },
];

describe.each(late)('$name', (one) => {
  const { before, since, destination, settings } = one;
  const facts = { settings: one.unsupported, attributes: one.attributes, since };

  test(`is not added on Linux ${before}: an error says why`, async () => {
    const { client, servers } = await open(before);
    await client.addDestination(web, other, ipip);
    const error = await errorOf(client.addDestination(web, destination, settings));
    expect(error).toMatchObject({ code: 'ENOSYS', operation: 'addDestination' });
    expect(error).toMatchObject({ command: 'NEW_DEST', destination: { port: 80 } });
    expect(error.unsupported).toEqual({ ...facts, inPlace: false });
    expect(error.message).toContain(`needs Linux ${since} or later`);
    expect(servers()).toEqual(['10.0.0.3 ipip']);
    // The next is known at once, and is taken back as well.
    await errorOf(client.addDestination(web, destination, settings));
    expect(servers()).toEqual(['10.0.0.3 ipip']);
  });

  test(`is added on Linux ${since}`, async () => {
    const { client, kernel } = await open(since);
    await client.addDestination(web, destination, settings);
    expect(await collect(client.destinations(web))).toMatchObject([{ settings }]);
    expect(await collect(client.table())).toEqual(kernel.table());
  });
});

test('what was set cannot be undone: the error says that the rest is in place', async () => {
  const { client, kernel } = await open('4.4');
  await client.addDestination(web, server, { ...ipip, weight: 1 });
  const error = await errorOf(client.replaceDestination(web, server, { ...gue, weight: 9 }));
  expect(error).toMatchObject({ code: 'ENOSYS', command: 'SET_DEST' });
  expect(error.unsupported).toMatchObject({ settings: ['tunnelType'], inPlace: true });
  expect(kernel.table()[0]?.destinations).toMatchObject([
    { settings: { weight: 9, tunnel: { type: 'ipip' } } },
  ]);
});

test('what is said of a tunnel that is not used is not missed', async () => {
  const { client, asked } = await open('4.4');
  await client.addDestination(web, server, { forwardingMethod: 'dr', tunnel: gue.tunnel });
  expect(asked()).toEqual(['NEW_DEST']);
});

test('what is gone by the time that it is taken back is not there', async () => {
  const { client } = await open('4.4', {
    refuse: ({ command }) => (command === 'DEL_DEST' ? 'ENOENT' : undefined),
  });
  const error = await errorOf(client.addDestination(web, server, gue));
  expect(error.unsupported).toMatchObject({ inPlace: false });
});

test('what cannot be taken back is said to be in place', async () => {
  const { client } = await open('4.4', {
    refuse: ({ command }) => (command === 'DEL_DEST' ? 'EPERM' : undefined),
  });
  const error = await errorOf(client.addDestination(web, server, gue));
  expect(error.unsupported).toMatchObject({ inPlace: true });
});

describe('a batch', () => {
  const failed = (index: number, inPlace: boolean): unknown =>
    expect.objectContaining({
      index,
      error: expect.objectContaining({
        code: 'ENOSYS',
        unsupported: expect.objectContaining({ inPlace }) as unknown,
      }) as unknown,
    });

  test('applies what the kernel knows, and reports the rest in order', async () => {
    const { client, servers } = await open('4.4');
    const progress: number[] = [];
    const third = { ...server, address: '10.0.0.4' };
    const outcome = await client.batch(
      [add(server, gue), add(other), add(other), add(third, gue)],
      { onProgress: (done) => void progress.push(done) },
    );
    expect(outcome).toEqual({
      applied: 1,
      failures: [
        failed(0, false),
        expect.objectContaining({
          index: 2,
          error: expect.objectContaining({ code: 'EEXIST' }) as unknown,
        }),
        failed(3, false),
      ],
    });
    expect(servers()).toEqual(['10.0.0.3 ']);
    expect(progress).toEqual([4]);
  });

  test.each<[name: string, operations: Operation[], failures: unknown[], left: string[]]>([
    ['set after it was added', [add(server), set(server, gue)], [failed(1, false)], []],
    [
      'added twice, by way of a deletion',
      [add(server, gue), remove(server), add(server, gue)],
      [failed(2, false)],
      [],
    ],
    ['corrected', [add(server, gue), set(server, ipip)], [], ['10.0.0.2 ipip']],
    ['added again', [add(server, gue), remove(server), add(server)], [], ['10.0.0.2 ']],
    ['deleted', [add(server, gue), remove(server), add(other)], [], ['10.0.0.3 ']],
    [
      'set over what was there',
      [set(other, gue), add(server)],
      [failed(0, true)],
      ['10.0.0.2 ', '10.0.0.3 ipip'],
    ],
    ['flushed', [add(server, gue), { type: 'flush' }], [], []],
    [
      'deleted with its service',
      [add(server, gue), { type: 'deleteService', service: web }],
      [],
      [],
    ],
    [
      'flushed, and added again',
      [add(server, gue), { type: 'flush' }, { type: 'addService', service: web }, add(other, gue)],
      [failed(3, false)],
      [],
    ],
  ])('looks at what is left in the end: %s', async (name, operations, failures, left) => {
    const { client, servers, kernel } = await open('4.4');
    if (name.startsWith('set over')) await client.addDestination(web, other);
    const outcome = await client.batch(operations);
    expect(outcome.failures).toEqual(failures);
    expect(servers()).toEqual(left);
    expect(kernel.requests.filter(({ isDump }) => isDump).length).toBeLessThan(2);
  });

  test('finds a real server to look at, whatever is left of its services', async () => {
    const { client, servers } = await open('4.4', {
      services: [{ service: web }, { service: mark }, { service: web6 }],
    });
    const { failures } = await client.batch([
      { type: 'addDestination', service: web6, destination: server6, settings: gue },
      add(server, gue),
      add({ ...server, port: 0 }, gue, mark),
      add(other, gue),
      remove(server),
      remove(other),
      { type: 'deleteService', service: mark },
    ]);
    expect(failures).toEqual([failed(0, false)]);
    expect(servers()).toEqual([]);
  });
});

describe('a modern kernel is asked once what it knows', () => {
  const plain = [add(other), set(other, { weight: 7 }), remove(other)];

  test('after the first real server that some kernels are too old for', async () => {
    const { client, asked } = await open(NEWEST);
    await client.batch(plain);
    expect(asked()).toEqual(['NEW_DEST', 'SET_DEST', 'DEL_DEST']);
    await client.batch([...plain, add(server, gue), ...plain]);
    expect(asked().slice(10)).toEqual(['GET_DEST']);
    await client.addDestination(web, other, gue);
    await client.replaceDestination(web, server, { ...tun, tunnel: { type: 'gre' } });
    await client.addDestination(web, server6, tun);
    expect(asked().filter((name) => name.startsWith('GET'))).toEqual(['GET_DEST']);
  });

  test('and not at all when it has said so in a listing', async () => {
    const { client, asked } = await open(NEWEST);
    await client.addDestination(web, other);
    await collect(client.table());
    const before = asked().length;
    await client.batch([add(server, gue), add(server6, tun)]);
    expect(asked().slice(before)).toEqual(['NEW_DEST', 'NEW_DEST']);
  });

  test('and not when all of it was refused', async () => {
    const { client, asked } = await open(NEWEST, { services: [] });
    const { failures } = await client.batch([add(server, gue)]);
    expect(failures).toMatchObject([{ error: { code: 'ESRCH', unsupported: undefined } }]);
    expect(asked()).toEqual(['NEW_DEST']);
  });

  test('after the first daemon that some kernels are too old for', async () => {
    const { client, asked } = await open(NEWEST);
    await client.startSyncDaemon({ state: 'master', interface: 'eth0', ttl: 2 });
    await client.startSyncDaemon({ state: 'backup', interface: 'eth0', group: 'ff02::81' });
    expect(asked()).toEqual(['NEW_DAEMON', 'GET_DAEMON', 'NEW_DAEMON']);
  });

  test('and not when its daemons were listed', async () => {
    const daemons = [{ state: 'backup', interface: 'eth0' }] as const;
    const { client, asked } = await open(NEWEST, { daemons });
    await client.syncDaemons();
    await client.startSyncDaemon({ state: 'master', interface: 'eth0', port: 9000 });
    expect(asked()).toEqual(['GET_DAEMON', 'NEW_DAEMON']);
  });
});

describe('a daemon on Linux 4.1', () => {
  const given = { state: 'master', interface: 'eth0' } as const;

  test.each<[Partial<SyncDaemonInput>, settings: string[], attributes: string[]]>([
    [{ maximumLength: 1400 }, ['maximumLength'], ['SYNC_MAXLEN']],
    [{ group: '224.0.0.82' }, ['group'], ['MCAST_GROUP']],
    [{ group: 'ff02::81' }, ['group'], ['MCAST_GROUP6']],
    [{ port: 8849, ttl: 2 }, ['port', 'ttl'], ['MCAST_PORT', 'MCAST_TTL']],
  ])('does not run with %o: an error says why', async (chosen, settings, attributes) => {
    const { client, kernel } = await open('4.1');
    const error = await errorOf(client.startSyncDaemon({ ...given, ...chosen }));
    expect(error).toMatchObject({ code: 'ENOSYS', operation: 'startSyncDaemon' });
    expect(error.unsupported).toEqual({
      settings,
      attributes: attributes.map((name) => `IPVS_DAEMON_ATTR_${name}`),
      since: '4.3',
      inPlace: false,
    });
    expect(kernel.daemons()).toEqual([]);
  });

  test('that runs in the other state is let be', async () => {
    const daemons = [{ state: 'backup', interface: 'eth0' }] as const;
    const { client, kernel } = await open('4.1', { daemons });
    await errorOf(client.startSyncDaemon({ ...given, ttl: 2 }));
    expect(kernel.daemons()).toMatchObject([{ state: 'backup' }]);
  });

  test.each([
    ['ESRCH', 'ENOSYS'],
    ['EPERM', 'EPERM'],
  ] as const)('that cannot be stopped for %s is %s', async (stopping, code) => {
    const { client } = await open('4.1', {
      refuse: ({ command }) => (command === 'DEL_DAEMON' ? stopping : undefined),
    });
    expect(await errorOf(client.startSyncDaemon({ ...given, ttl: 2 }))).toMatchObject({ code });
  });
});
