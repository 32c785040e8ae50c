/** What a real kernel (Linux 6.1) and the genuine program (ipvsadm 1.31) said: captured by test/kernel/fixtures.test.ts. */
import { toStatistics } from '../../../src/ipvs/model/statistics.js';
import { describe, expect, test } from 'vitest';
import { IpAddress, IpvsClient } from '../../../src/index.js';
import type { Operation } from '../../../src/index.js';
import { commands } from '../../../src/ipvs/wire/constants.js';
import { encodeOperation } from '../../../src/ipvs/client/operations.js';
import { collect } from '../../../src/common/collect.js';
import { ack, FAMILY_ID, fakeKernel } from '../../../src/testing/fake-kernel.js';
import type { Answer } from '../../../src/testing/fake-kernel.js';
import { captured, capturedLast } from '../../support/fixtures.js';
import { overTheWire } from '../../../src/testing/over-the-wire.js';

/** A client of a kernel that says what the real one has said in the run of that name. */
async function replay(...names: readonly string[]) {
  const exchanges = names.flatMap(captured);
  const answer: Answer = (request) => {
    const index = exchanges.findIndex(({ command }) => command === commands[request.command]);
    const replies = exchanges.splice(index, 1)[0]?.repliesTo(request) ?? [];
    // The genuine program asks for an ACK behind data and does not wait for it.
    return request.command.startsWith('GET') ? [...replies, ack(request)] : replies;
  };
  const family = capturedLast('family');
  const kernel = fakeKernel(answer, (request) => family.repliesTo(request));
  return { client: await IpvsClient.open({ socket: kernel }), kernel };
}

const ip = (text: string) => IpAddress.parse(text);
const statistics = toStatistics({});
const service = {
  persistence: undefined,
  persistenceEngine: undefined,
  onePacket: false,
  schedulerFlags: [],
};

// ipvsadm -A … for each, then ipvsadm -Ln
const services = [
  {
    id: { protocol: 'tcp', address: ip('192.0.2.1'), port: 80 },
    settings: {
      ...service,
      scheduler: 'wrr',
      persistence: { timeoutSeconds: 90, netmask: ip('255.255.255.255') },
    },
  },
  {
    id: { protocol: 'udp', address: ip('2001:db8::1'), port: 53 },
    settings: {
      ...service,
      scheduler: 'wlc',
      persistence: { timeoutSeconds: 600, prefixLength: 64 },
    },
  },
  {
    id: { protocol: 'udp', address: ip('192.0.2.1'), port: 5060 },
    settings: {
      ...service,
      scheduler: 'rr',
      persistence: { timeoutSeconds: 60, netmask: ip('255.255.255.0') },
      persistenceEngine: 'sip',
    },
  },
  {
    id: { protocol: 'udp', address: ip('192.0.2.1'), port: 53 },
    settings: { ...service, scheduler: 'wrr', onePacket: true },
  },
  {
    id: { protocol: 'sctp', address: ip('192.0.2.1'), port: 36412 },
    settings: { ...service, scheduler: 'sed' },
  },
  {
    id: { firewallMark: 4294967295, family: 'ipv4' },
    settings: { ...service, scheduler: 'sh', schedulerFlags: [1, 2] },
  },
  {
    id: { firewallMark: 7, family: 'ipv6' },
    settings: {
      ...service,
      scheduler: 'mh',
      persistence: { timeoutSeconds: 360, prefixLength: 128 },
    },
  },
].map((one) => ({ ...one, statistics }));

test('GETFAMILY and GET_INFO', async () => {
  const { client, kernel } = await replay('list');
  expect(await client.info()).toEqual({
    version: { major: 1, minor: 2, patch: 1 },
    connectionTableSize: 4096,
  });
  expect(kernel.requests[0]?.type).toBe(FAMILY_ID);
});

test('GET_SERVICE: of every kind', async () => {
  const { client } = await replay('list');
  const seen = await collect(client.services());
  expect(seen).toHaveLength(services.length);
  expect(seen).toEqual(expect.arrayContaining(services));
});

test('GET_DEST: of every kind', async () => {
  // ipvsadm -a … for each, then ipvsadm -Ln
  const { client } = await replay('list');
  const observed = {
    activeConnections: 0,
    inactiveConnections: 0,
    persistentConnections: 0,
    statistics,
  };
  const settings = { weight: 1, upperThreshold: 0, lowerThreshold: 0, tunnel: undefined };
  const at = (address: string, port: number) => ({ address: ip(address), port });
  const tunnel = (type: string, port = 0, checksum = 'none') => ({
    ...settings,
    forwardingMethod: 'tun',
    tunnel: { type, port, checksum },
  });
  const ids = (await collect(client.services())).map(({ id }) => id);
  const destinations = (await collect(client.destinations(ids))).flat();
  expect(destinations).toHaveLength(7);
  expect(destinations).toEqual(
    expect.arrayContaining(
      [
        { id: at('10.0.0.2', 8080), settings: { ...settings, forwardingMethod: 'nat', weight: 4 } },
        {
          id: at('10.0.0.3', 80),
          settings: { ...settings, forwardingMethod: 'dr', weight: 2147483647 },
        },
        { id: at('10.0.0.4', 80), settings: tunnel('ipip') },
        { id: at('10.0.0.5', 80), settings: tunnel('gue', 6080, 'remote') },
        { id: at('10.0.0.6', 80), settings: tunnel('gre', 0, 'full') },
        { id: at('2001:db8::6', 80), settings: tunnel('ipip') },
        {
          id: at('2001:db8::7', 53),
          settings: { ...settings, forwardingMethod: 'nat', weight: 0 },
        },
      ].map((one) => ({ ...one, ...observed })),
    ),
  );
});

test('GET_CONFIG', async () => {
  // ipvsadm --set 600 60 30; ipvsadm -L --timeout
  const { client } = await replay('timeouts');
  expect(await client.timeouts()).toEqual({ tcpSeconds: 600, tcpFinSeconds: 60, udpSeconds: 30 });
});

test('GET_DAEMON: a master and a backup', async () => {
  const { client } = await replay('daemons');
  expect(await client.syncDaemons()).toEqual([
    {
      state: 'master',
      interface: 'eth0',
      syncId: 7,
      maximumLength: 1200,
      group: ip('239.1.2.3'),
      port: 9000,
      ttl: 2,
    },
    {
      state: 'backup',
      interface: 'eth0',
      syncId: 0,
      maximumLength: 1472,
      group: ip('224.0.0.81'),
      port: 8848,
      ttl: 1,
    },
  ]);
});

test('ERROR: a service that is there already', async () => {
  // ipvsadm -A -t 192.0.2.1:80 -s rr, a second time
  const { client } = await replay('refused');
  const web = { protocol: 'tcp', address: '192.0.2.1', port: 80 } as const;
  await expect(client.addService(web)).rejects.toMatchObject({ code: 'EEXIST', errno: 17 });
});

const web = { protocol: 'tcp', address: '192.0.2.1', port: 80 } as const;
const dns6 = { protocol: 'udp', address: '2001:db8::1', port: 53 } as const;
const forwarded = { forwardingMethod: 'tun' } as const;
const at = (address: string, port = 80) => ({ service: web, destination: { address, port } });

/** By the fixture's name: the change that the genuine program was asked for. */
const changes: Record<string, Operation> = {
  tcp: { type: 'addService', service: web, settings: { scheduler: 'rr' } },
  persistentIpv6: {
    type: 'addService',
    service: dns6,
    settings: { scheduler: 'wlc', persistence: { timeoutSeconds: 600, prefixLength: 64 } },
  },
  sip: {
    type: 'addService',
    service: { protocol: 'udp', address: '192.0.2.1', port: 5060 },
    settings: {
      scheduler: 'rr',
      persistence: { timeoutSeconds: 60, netmask: '255.255.255.0' },
      persistenceEngine: 'sip',
    },
  },
  onePacket: {
    type: 'addService',
    service: { protocol: 'udp', address: '192.0.2.1', port: 53 },
    settings: { scheduler: 'wrr', onePacket: true },
  },
  sctp: {
    type: 'addService',
    service: { protocol: 'sctp', address: '192.0.2.1', port: 36412 },
    settings: { scheduler: 'sed' },
  },
  mark: {
    type: 'addService',
    service: { firewallMark: 4294967295 },
    settings: { scheduler: 'sh', schedulerFlags: [1, 2] },
  },
  markIpv6: {
    type: 'addService',
    service: { firewallMark: 7, family: 'ipv6' },
    settings: { scheduler: 'mh', persistence: { timeoutSeconds: 360 } },
  },
  nat: {
    type: 'addDestination',
    ...at('10.0.0.2', 8080),
    settings: { forwardingMethod: 'nat', weight: 3, upperThreshold: 100, lowerThreshold: 50 },
  },
  dr: { type: 'addDestination', ...at('10.0.0.3'), settings: { weight: 2147483647 } },
  ipip: { type: 'addDestination', ...at('10.0.0.4'), settings: forwarded },
  gue: {
    type: 'addDestination',
    ...at('10.0.0.5'),
    settings: { ...forwarded, tunnel: { type: 'gue', port: 6080, checksum: 'remote' } },
  },
  gre: {
    type: 'addDestination',
    ...at('10.0.0.6'),
    settings: { ...forwarded, tunnel: { type: 'gre', checksum: 'full' } },
  },
  tunnelToIpv6: { type: 'addDestination', ...at('2001:db8::6'), settings: forwarded },
  ipv6: {
    type: 'addDestination',
    service: dns6,
    destination: { address: '2001:db8::7', port: 53 },
    settings: { forwardingMethod: 'nat', weight: 0 },
  },
  editService: {
    type: 'replaceService',
    service: web,
    settings: { scheduler: 'wrr', persistence: { timeoutSeconds: 90 } },
  },
  editServer: {
    type: 'replaceDestination',
    ...at('10.0.0.2', 8080),
    settings: { forwardingMethod: 'nat', weight: 4 },
  },
  zeroOne: { type: 'zeroService', service: web },
  zeroAll: { type: 'zeroAll' },
  deleteServer: { type: 'deleteDestination', ...at('10.0.0.3') },
  deleteService: { type: 'deleteService', service: web },
  clear: { type: 'flush' },
};

describe('a change is asked for as the genuine program asks for it', () => {
  test.each(Object.entries(changes))('%s', (name, operation) => {
    const { command, attributes: given } = encodeOperation(operation);
    const attributes = overTheWire(given);
    const genuine = capturedLast(name);
    expect(commands[command]).toBe(genuine.command);
    // It sends settings with a deletion and a zeroing too: they mean nothing there. And it always names a tunnel's type.
    const none = { TUN_TYPE: 0, TUN_PORT: 0, TUN_FLAGS: 0 };
    expect(genuine.attributes.SERVICE ?? {}).toMatchObject(defined(attributes.SERVICE));
    expect({ ...none, ...genuine.attributes.DEST }).toMatchObject(defined(attributes.DEST));
    if (operation.type.startsWith('add') || operation.type.startsWith('set')) {
      const ours = { ...none, ...defined(attributes.DEST) };
      const compared = attributes.DEST === undefined ? attributes.SERVICE : ours;
      expect(defined(compared)).toEqual(genuine.attributes[attributes.DEST ? 'DEST' : 'SERVICE']);
    }
  });
});

function defined(values: object | undefined): object {
  return Object.fromEntries(
    Object.entries(values ?? {}).filter(([, value]) => value !== undefined),
  );
}

describe('other changes too', () => {
  test.each([
    [
      'startMaster',
      (client: IpvsClient) =>
        client.startSyncDaemon({
          state: 'master',
          interface: 'eth0',
          syncId: 7,
          maximumLength: 1200,
          group: '239.1.2.3',
          port: 9000,
          ttl: 2,
        }),
    ],
    [
      'startBackup',
      (client: IpvsClient) => client.startSyncDaemon({ state: 'backup', interface: 'eth0' }),
    ],
    [
      'setTimeouts',
      (client: IpvsClient) =>
        client.setTimeouts({ tcpSeconds: 600, tcpFinSeconds: 60, udpSeconds: 30 }),
    ],
    ['stopMaster', (client: IpvsClient) => client.stopSyncDaemon('master')],
  ])('%s', async (name, call) => {
    // A daemon that is more than older kernels know is read back.
    const { client, kernel } = await replay(name, 'daemons');
    await call(client);
    const genuine = capturedLast(name);
    const [request] = kernel.requests;
    expect(request && commands[request.command]).toBe(genuine.command);
    expect(genuine.attributes).toMatchObject({ ...request?.attributes });
  });
});
