/** Replies of kernels that are later or earlier than these attributes, and of tables that change meanwhile. */
import { describe, expect, test } from 'vitest';
import { IpAddress, IpvsClient } from '../../../src/index.js';
import * as schema from '../../../src/ipvs/wire/schema.js';
import { toStatistics } from '../../../src/ipvs/model/statistics.js';
import { NLA_F_NESTED } from '../../../src/netlink/constants.js';
import type { MessageWriter } from '../../../src/netlink/writer.js';
import { collect } from '../../../src/common/collect.js';
import { command } from '../../support/command.js';
import { faulty, rewritten } from '../../support/faulty-socket.js';
import type { Path, Rewriting } from '../../support/faulty-socket.js';
import { tableKernel } from '../../../src/testing/table-kernel.js';

/** In the order of their numbers. */
const statistics = {
  connections: 1n,
  incomingPackets: 2n,
  outgoingPackets: 3n,
  incomingBytes: 4n,
  outgoingBytes: 5n,
  rates: {
    connectionsPerSecond: 6,
    incomingPacketsPerSecond: 7,
    outgoingPacketsPerSecond: 8,
    incomingBytesPerSecond: 9,
    outgoingBytesPerSecond: 10,
  },
};
const { rates: statisticsRates, ...totals } = statistics;
const counters: Readonly<Record<string, bigint | number>> = { ...totals, ...statisticsRates };
const web = { protocol: 'tcp', address: '192.0.2.1', port: 80 } as const;
const tunnel = { type: 'gue', port: 6080, checksum: 'full' } as const;

/** A table in which every attribute says something. */
const fullTable = () =>
  tableKernel({
    services: [
      {
        service: web,
        settings: {
          scheduler: 'rr',
          persistence: { timeoutSeconds: 60, netmask: '255.255.255.0' },
          persistenceEngine: 'sip',
        },
        statistics,
        destinations: [
          {
            destination: { address: '10.0.0.2', port: 80 },
            settings: {
              forwardingMethod: 'tun',
              weight: 5,
              upperThreshold: 9,
              lowerThreshold: 8,
              tunnel,
            },
            activeConnections: 1,
            inactiveConnections: 2,
            persistentConnections: 3,
            statistics,
          },
        ],
      },
      { service: { firewallMark: 7, family: 'ipv6' } },
    ],
    daemons: [{ state: 'backup', interface: 'eth0', syncId: 9, maximumLength: 1200, ttl: 2 }],
  });

/** A kernel whose attributes are rewritten before they arrive. */
function rewriting(kernel: ReturnType<typeof tableKernel>, how: Rewriting) {
  return faulty(kernel, { receive: (datagram) => rewritten(datagram, how) });
}

/** Not `table()`, which leaves out what the kernel does not find by its id. */
async function readTable(client: IpvsClient) {
  const services = await collect(client.services());
  const destinations = await collect(client.destinations(services.map(({ id }) => id)));
  return services.map((service, place) => ({ service, destinations: destinations[place] ?? [] }));
}

/** All that can be read. */
async function readAll(client: IpvsClient) {
  return {
    info: await client.info(),
    table: await readTable(client),
    service: await client.service(web),
    timeouts: await client.timeouts(),
    daemons: await client.syncDaemons(),
  };
}

function unknownAttributes(writer: MessageWriter): void {
  const flat = writer.beginAttribute(60);
  writer.raw(Uint8Array.of(1, 2, 3));
  writer.endAttribute(flat);
  // What it holds is nobody's: it may look like no attribute at all.
  const nest = writer.beginAttribute(61 | NLA_F_NESTED);
  writer.raw(Uint8Array.of(1, 0, 0, 0, 255));
  writer.endAttribute(nest);
  writer.endAttribute(writer.beginAttribute(0));
}

test('attributes of a later kernel, at every level, are passed over', async () => {
  const before = await readAll(await IpvsClient.open({ socket: fullTable() }));
  const nests = new Set<string>();
  const socket = rewriting(fullTable(), {
    adds: (writer, nest) => {
      nests.add(nest.join('.'));
      unknownAttributes(writer);
    },
  });
  expect(await readAll(await IpvsClient.open({ socket }))).toEqual(before);
  expect([...nests].sort()).toEqual(['', '1', '1.12', '2', '2.12', '3']);
});

/** The place of every attribute, from the tables. */
function placesOf(table: { readonly declaration: object }, nest: Path = []): [string, Path][] {
  const lines = Object.entries(table.declaration) as [string, { readonly number: number }][];
  return lines.map(([name, { number }]) => [name, [...nest, number]]);
}

const counterPlaces = (nest: Path) =>
  Object.keys(counters).map((name, index): [string, Path] => [
    `${nest.join('.')} ${name}`,
    [...nest, index + 1],
  ]);

const places: readonly [string, Path][] = [
  ...placesOf(schema.command),
  ...placesOf(schema.service, [1]),
  ...counterPlaces([1, 12]),
  ...placesOf(schema.destination, [2]),
  ...counterPlaces([2, 12]),
  ...placesOf(schema.daemon, [3]),
];

/** A kernel that leaves one attribute out. */
const without = (place: Path) =>
  rewriting(fullTable(), { keeps: (path) => path.join() !== place.join() });

const PERSISTENCE_TIMEOUT = '1,8';

describe('a kernel without', () => {
  test.each(places)('%s (%j) is listed and saved', async (_name, place) => {
    for (const line of ['-Ln', '-Ln --stats --rate --thresholds', '-L --daemon', '-L --timeout']) {
      const outcome = await command(line, { kernel: without(place) });
      expect({ line, ...outcome }).toMatchObject({ line, status: 0, stderr: '' });
    }
    const saved = await command('-Sn', { kernel: without(place) });
    // Persistence of no seconds is what no rule can ask for.
    const fault = place.join() === PERSISTENCE_TIMEOUT ? "timeout value `0'" : undefined;
    expect(saved.status).toBe(fault === undefined ? 0 : 1);
    expect(saved.stderr).toContain(fault ?? '');
  });
});

/** The first service, its real server and the daemon, as they are read without an attribute. */
async function readWithout(place: Path) {
  const client = await IpvsClient.open({ socket: without(place) });
  const [entry] = await readTable(client);
  const [daemon] = await client.syncDaemons();
  return { service: entry?.service, destination: entry?.destinations[0], daemon };
}

/** The same but for one property, whose place is written `settings.weight`. */
function changed(whole: unknown, [name = '', ...rest]: readonly string[], value: unknown): object {
  const object = whole as Readonly<Record<string, unknown>>;
  return { ...object, [name]: rest.length === 0 ? value : changed(object[name], rest, value) };
}

const noAddress = IpAddress.parse('0.0.0.0');
const none = toStatistics({});

/** Of each attribute: what is reported when it is missing, and of which object. */
const defaults = {
  service: {
    AF: [],
    ADDR: ['id.address', noAddress],
    PORT: ['id.port', 0],
    SCHED_NAME: ['settings.scheduler', ''],
    FLAGS: ['settings.persistence', undefined],
    TIMEOUT: ['settings.persistence.timeoutSeconds', 0],
    NETMASK: ['settings.persistence', { timeoutSeconds: 60 }],
    PE_NAME: ['settings.persistenceEngine', undefined],
    STATS64: ['statistics', none],
  },
  destination: {
    ADDR: ['id.address', noAddress],
    PORT: ['id.port', 0],
    FWD_METHOD: [
      'settings',
      {
        forwardingMethod: 'nat',
        tunnel: undefined,
        weight: 5,
        upperThreshold: 9,
        lowerThreshold: 8,
      },
    ],
    WEIGHT: ['settings.weight', 0],
    U_THRESH: ['settings.upperThreshold', 0],
    L_THRESH: ['settings.lowerThreshold', 0],
    ACTIVE_CONNS: ['activeConnections', 0],
    INACT_CONNS: ['inactiveConnections', 0],
    PERSIST_CONNS: ['persistentConnections', 0],
    ADDR_FAMILY: [],
    STATS64: ['statistics', none],
    TUN_TYPE: ['settings.tunnel.type', 'ipip'],
    TUN_PORT: ['settings.tunnel.port', 0],
    TUN_FLAGS: ['settings.tunnel.checksum', 'none'],
  },
  daemon: {
    STATE: ['state', 'master'],
    MCAST_IFN: ['interface', ''],
    SYNC_ID: ['syncId', 0],
    SYNC_MAXLEN: ['maximumLength', undefined],
    MCAST_GROUP: ['group', undefined],
    MCAST_PORT: ['port', undefined],
    MCAST_TTL: ['ttl', undefined],
  },
} as const;

const nestOf = { service: 1, destination: 2, daemon: 3 } as const;
const kinds = ['service', 'destination', 'daemon'] as const;

describe.each(kinds)('a %s', (kind) => {
  const lines = Object.entries<readonly [string?, unknown?]>(defaults[kind]);

  test.each(lines)('without %s has its default, and all the rest', async (name, [at, value]) => {
    const numbers: Readonly<Record<string, { readonly number: number }>> = schema[kind].declaration;
    const whole = (await readWithout([]))[kind];
    const reported = (await readWithout([nestOf[kind], numbers[name]?.number ?? 0]))[kind];
    expect(reported).toEqual(at === undefined ? whole : changed(whole, at.split('.'), value));
  });

  const counted = kind === 'daemon' ? [] : counterPlaces([nestOf[kind], 12]);
  test.each(counted)('without the counter %s has 0 for it', async (_name, place) => {
    const reported = (await readWithout(place))[kind];
    const { rates, ...counts } =
      reported !== undefined && 'statistics' in reported ? reported.statistics : none;
    const values = Object.values({ ...counts, ...rates }) as readonly (bigint | number)[];
    const numbers = values.map(BigInt);
    const counter = place.at(-1) ?? 0;
    expect(numbers).toEqual(
      Object.values(counters).map((all, index) => (index === counter - 1 ? 0n : BigInt(all))),
    );
  });
});

test('a service without a protocol, which has no mark, is passed over', async () => {
  const client = await IpvsClient.open({ socket: without([1, 2]) });
  expect(await collect(client.services())).toMatchObject([{ id: { firewallMark: 7 } }]);
});

test('a service that was asked for, and comes without its protocol, is EBADMSG', async () => {
  const client = await IpvsClient.open({ socket: without([1, 2]) });
  await expect(client.service(web)).rejects.toMatchObject({ name: 'IpvsError', code: 'EBADMSG' });
});

test.each([
  ['TIMEOUT_TCP', 4, 'tcpSeconds'],
  ['TIMEOUT_TCP_FIN', 5, 'tcpFinSeconds'],
  ['TIMEOUT_UDP', 6, 'udpSeconds'],
] as const)('timeouts without %s have 0 for it', async (_name, number, property) => {
  const whole = await (await IpvsClient.open({ socket: fullTable() })).timeouts();
  const client = await IpvsClient.open({ socket: without([number]) });
  expect(await client.timeouts()).toEqual({ ...whole, [property]: 0 });
});

test('what a kernel says of itself without its version, or its table size, has 0 for it', async () => {
  const unversioned = await IpvsClient.open({ socket: without([1]) });
  expect(await unversioned.info()).toEqual({
    version: { major: 0, minor: 0, patch: 0 },
    connectionTableSize: 4096,
  });
  const sizeless = await IpvsClient.open({ socket: without([2]) });
  expect(await sizeless.info()).toMatchObject({ version: { major: 1 }, connectionTableSize: 0 });
});

test.each([
  ['service', 1],
  ['real server', 2],
  ['daemon', 3],
])('entries of a dump without their %s are passed over', async (_name, number) => {
  const { service, destination, daemon } = await readWithout([number]);
  expect([service, destination, daemon][number - 1]).toBeUndefined();
});
