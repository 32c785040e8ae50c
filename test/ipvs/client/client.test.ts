import { describe, expect, test, vi } from 'vitest';
import { IpAddress, IpvsClient, IpvsError } from '../../../src/index.js';
import type { ServiceIdInput } from '../../../src/index.js';
import { collect } from '../../../src/common/collect.js';
import {
  ack,
  data,
  done,
  fakeKernel,
  info,
  message,
  nextDatagram,
} from '../../../src/testing/fake-kernel.js';
import type { Answer } from '../../../src/testing/fake-kernel.js';
import { tableKernel } from '../../../src/testing/table-kernel.js';
import type { TableKernelOptions } from '../../../src/testing/table-kernel.js';

const web = { protocol: 'tcp', address: '192.0.2.1', port: 80 } as const;
const webId = { ...web, address: IpAddress.parse('192.0.2.1') };
const mark = { firewallMark: 7 } as const;
const real = { address: '10.0.0.2', port: 8080 } as const;

async function open(options: TableKernelOptions = {}) {
  const kernel = tableKernel(options);
  return { kernel, client: await IpvsClient.open({ socket: kernel }) };
}

async function speak(answer: Answer) {
  const kernel = fakeKernel(answer);
  return { kernel, client: await IpvsClient.open({ socket: kernel }) };
}

const refused = (facts: Record<string, unknown>): unknown => expect.objectContaining(facts);

describe('info', () => {
  test('gives the version and the size of the connection table', async () => {
    const { client } = await open({ version: [1, 2, 1], connectionTableSize: 1_048_576 });
    expect(await client.info()).toEqual({
      version: { major: 1, minor: 2, patch: 1 },
      connectionTableSize: 1_048_576,
    });
  });

  test('of a kernel that does not say is zero', async () => {
    const { client } = await speak((request) => [info(request, {}), ack(request)]);
    expect(await client.info()).toMatchObject({ connectionTableSize: 0 });
    const silent = await speak((request) => [ack(request)]);
    expect(await silent.client.info()).toMatchObject({ version: { major: 0, minor: 0, patch: 0 } });
  });

  test('without the privilege is EPERM', async () => {
    const { client } = await open({ refuse: () => 'EPERM' });
    await expect(client.info()).rejects.toThrow(
      'cannot read the version of IPVS: this needs CAP_NET_ADMIN in the initial user namespace (EPERM)',
    );
  });
});

describe('services', () => {
  test('gives every service with its settings and counters', async () => {
    const statistics = {
      connections: 3n,
      incomingPackets: 4n,
      outgoingPackets: 5n,
      incomingBytes: 2n ** 40n,
      outgoingBytes: 7n,
      rates: { connectionsPerSecond: 8 },
    };
    const { client } = await open({
      services: [
        { service: web, settings: { scheduler: 'rr' }, statistics },
        { service: { ...mark, family: 'ipv6' } },
      ],
    });
    const [first, second] = await collect(client.services());
    expect(first).toMatchObject({
      id: webId,
      settings: { scheduler: 'rr', persistence: undefined },
      statistics: {
        connections: 3n,
        incomingPackets: 4n,
        outgoingPackets: 5n,
        incomingBytes: 2n ** 40n,
        outgoingBytes: 7n,
        rates: { connectionsPerSecond: 8, incomingBytesPerSecond: 0 },
      },
    });
    expect(second?.id).toEqual({ firewallMark: 7, family: 'ipv6' });
  });

  test('gives each once, when the table changes and the kernel repeats one', async () => {
    const { client } = await speak((request) => {
      const one = (FWMARK: number, AF: number) =>
        data(request, 'NEW_SERVICE', { SERVICE: { FWMARK, AF } });
      return [
        one(1, 2),
        one(2, 2),
        nextDatagram,
        one(1, 2),
        one(1, 10),
        message(request, 28, [4, 1, 0, 0]),
        done(request),
      ];
    });
    const ids = (await collect(client.services())).map(({ id }) => id);
    expect(ids).toEqual([
      { firewallMark: 1, family: 'ipv4' },
      { firewallMark: 2, family: 'ipv4' },
      { firewallMark: 1, family: 'ipv6' },
    ]);
  });

  test('passes over those of protocols that IPVS does not balance, which the kernel takes', async () => {
    const { client } = await speak((request) => [
      data(request, 'NEW_SERVICE', { SERVICE: { AF: 2, PROTOCOL: 50, PORT: 80 } }),
      data(request, 'NEW_SERVICE', { SERVICE: { AF: 2, FWMARK: 7 } }),
      done(request),
    ]);
    expect((await collect(client.services())).map(({ id }) => id)).toEqual([
      { firewallMark: 7, family: 'ipv4' },
    ]);
  });

  test('that the kernel breaks off is an error', async () => {
    const { client } = await speak((request) => [done(request, 'EINTR')]);
    await expect(collect(client.services())).rejects.toThrow(
      refused({ operation: 'services', command: 'GET_SERVICE', code: 'EINTR' }),
    );
  });
});

describe('service', () => {
  test('gives one', async () => {
    const { client } = await open({ services: [{ service: web, settings: { scheduler: 'sh' } }] });
    expect(await client.service(web)).toMatchObject({ id: webId, settings: { scheduler: 'sh' } });
  });

  test('that is not there is ESRCH', async () => {
    const { client } = await open();
    await expect(client.service(web)).rejects.toThrow(
      refused({
        operation: 'service',
        command: 'GET_SERVICE',
        code: 'ESRCH',
        errno: 3,
        service: webId,
      }),
    );
  });

  test('without a service in the reply is EBADMSG', async () => {
    const { client } = await speak((request) => [ack(request)]);
    await expect(client.service(mark)).rejects.toThrow(
      refused({ name: 'IpvsError', code: 'EBADMSG' }),
    );
  });
});

describe('destinations', () => {
  test('gives the real servers of a service', async () => {
    const { client } = await open({
      services: [
        {
          service: web,
          destinations: [
            {
              destination: real,
              settings: { weight: 5, forwardingMethod: 'nat' },
              activeConnections: 1,
              inactiveConnections: 2,
              persistentConnections: 3,
              statistics: { connections: 9n },
            },
          ],
        },
      ],
    });
    const [destination] = await collect(client.destinations(web));
    expect(destination).toMatchObject({
      id: { address: IpAddress.parse('10.0.0.2'), port: 8080 },
      settings: { weight: 5, forwardingMethod: 'nat', tunnel: undefined },
      activeConnections: 1,
      inactiveConnections: 2,
      persistentConnections: 3,
      statistics: { connections: 9n },
    });
  });

  test('gives each once', async () => {
    const { client } = await speak((request) => {
      const one = (PORT: number) => data(request, 'NEW_DEST', { DEST: { PORT } });
      return [
        one(1),
        one(2),
        nextDatagram,
        one(1),
        message(request, 28, [7, 1, 0, 0]),
        done(request),
      ];
    });
    expect((await collect(client.destinations(web))).map(({ id }) => id.port)).toEqual([1, 2]);
  });

  test('of a service without any are none', async () => {
    const { client } = await open({ services: [{ service: web }] });
    expect(await collect(client.destinations(web))).toEqual([]);
  });

  test('of a service that is not there is ESRCH', async () => {
    const { client } = await open();
    await expect(collect(client.destinations(web))).rejects.toThrow(refused({ code: 'ESRCH' }));
  });

  test('of an old kernel have the family of their service', async () => {
    const { client } = await speak((request) => [
      data(request, 'NEW_DEST', { DEST: { PORT: 1, ADDR: new Uint8Array(16).fill(1) } }),
      done(request),
    ]);
    const family = async (service: ServiceIdInput) =>
      (await collect(client.destinations(service)))[0]?.id.address.family;
    expect(await family({ ...mark, family: 'ipv6' })).toBe('ipv6');
    expect(await family(web)).toBe('ipv4');
  });
});

test('the table gives services with their real servers', async () => {
  const { client, kernel } = await open({
    services: [{ service: web, destinations: [{ destination: real }] }, { service: mark }],
  });
  const table = await collect(client.table());
  expect(table).toEqual(kernel.table());
  expect(table.map(({ destinations }) => destinations.length)).toEqual([1, 0]);
});

test('a walk that is left early does not disturb the next', async () => {
  const services = [{ service: web }, { service: mark }];
  const { client } = await open({ services });
  for await (const { service } of client.table()) {
    expect(service.id).toEqual(webId);
    break;
  }
  expect(await collect(client.services())).toHaveLength(2);
});

describe('a service', () => {
  test('is added with the defaults of ipvsadm', async () => {
    const { client, kernel } = await open();
    await client.addService(web);
    await client.addService(mark, { scheduler: 'rr', persistence: { timeoutSeconds: 60 } });
    expect(kernel.table().map(({ service: { id, settings } }) => [id, settings.scheduler])).toEqual(
      [
        [{ firewallMark: 7, family: 'ipv4' }, 'rr'],
        [webId, 'wlc'],
      ],
    );
  });

  test('that is there already is EEXIST', async () => {
    const { client } = await open({ services: [{ service: web }] });
    const outcome = client.addService(web);
    await expect(outcome).rejects.toThrow(IpvsError);
    await expect(outcome).rejects.toThrow(
      'cannot add the service tcp:192.0.2.1:80: it already exists (EEXIST)',
    );
    await expect(outcome).rejects.toThrow(
      refused({ operation: 'addService', command: 'NEW_SERVICE', service: webId, errno: 17 }),
    );
  });

  test('with an unknown scheduler or engine is ENOENT', async () => {
    const { client } = await open();
    await expect(client.addService(web, { scheduler: 'none' })).rejects.toThrow(
      refused({ code: 'ENOENT' }),
    );
    await expect(client.addService(web, { persistenceEngine: 'x' })).rejects.toThrow(
      refused({ code: 'ENOENT' }),
    );
  });

  test('is replaced: omitted settings get their defaults', async () => {
    const persistence = { timeoutSeconds: 9 };
    const { client, kernel } = await open({
      services: [
        {
          service: web,
          settings: { scheduler: 'rr', persistence },
          destinations: [{ destination: real }],
        },
      ],
    });
    await client.replaceService(web, { onePacket: true });
    expect(kernel.table()[0]).toMatchObject({
      service: { settings: { scheduler: 'wlc', persistence: undefined, onePacket: true } },
      destinations: [{ id: { port: 8080 } }],
    });
  });

  test('is deleted with its real servers', async () => {
    const { client, kernel } = await open({ services: [{ service: web }, { service: mark }] });
    await client.deleteService(web);
    expect(kernel.table()).toHaveLength(1);
  });
});

describe('a real server', () => {
  test('is added, replaced, and deleted', async () => {
    const { client, kernel } = await open({ services: [{ service: web }] });
    await client.addDestination(web, real, { forwardingMethod: 'nat', weight: 3 });
    expect(kernel.table()[0]?.destinations[0]?.settings).toMatchObject({
      forwardingMethod: 'nat',
      weight: 3,
    });
    await client.replaceDestination(web, real);
    expect(kernel.table()[0]?.destinations[0]?.settings).toMatchObject({
      forwardingMethod: 'dr',
      weight: 1,
    });
    await client.deleteDestination(web, real);
    expect(kernel.table()[0]?.destinations).toEqual([]);
  });

  test('that is there already is EEXIST', async () => {
    const { client } = await open({
      services: [{ service: web, destinations: [{ destination: real }] }],
    });
    await expect(client.addDestination(web, real)).rejects.toThrow(
      'cannot add the real server 10.0.0.2:8080 to the service tcp:192.0.2.1:80: it already exists (EEXIST)',
    );
  });

  test('that is not there is ENOENT', async () => {
    const { client } = await open({ services: [{ service: web }] });
    const facts = {
      code: 'ENOENT',
      destination: { ...real, address: IpAddress.parse('10.0.0.2') },
    };
    await expect(client.replaceDestination(web, real)).rejects.toThrow(refused(facts));
    await expect(client.deleteDestination(web, real)).rejects.toThrow(refused(facts));
  });

  test('with a lower threshold above the upper is ERANGE', async () => {
    const { client } = await open({ services: [{ service: web }] });
    const settings = { lowerThreshold: 2, upperThreshold: 1 };
    await expect(client.addDestination(web, real, settings)).rejects.toThrow(
      refused({ code: 'ERANGE' }),
    );
  });

  test('of another family without a tunnel is EINVAL', async () => {
    const { client } = await open({ services: [{ service: web }] });
    const other = { address: '2001:db8::1', port: 80 };
    await expect(client.addDestination(web, other)).rejects.toThrow(refused({ code: 'EINVAL' }));
    await client.addDestination(web, other, { forwardingMethod: 'tun' });
  });
});

test.each([
  ['replaceService', (client: IpvsClient) => client.replaceService(web)],
  ['deleteService', (client: IpvsClient) => client.deleteService(web)],
  ['addDestination', (client: IpvsClient) => client.addDestination(web, real)],
  ['replaceDestination', (client: IpvsClient) => client.replaceDestination(web, real)],
  ['deleteDestination', (client: IpvsClient) => client.deleteDestination(web, real)],
  ['zeroService', (client: IpvsClient) => client.zero({ service: web })],
])('%s on a service that is not there is ESRCH', async (operation, call) => {
  const { client } = await open();
  await expect(call(client)).rejects.toThrow(refused({ operation, code: 'ESRCH', service: webId }));
});

describe('counters', () => {
  const statistics = { connections: 3n };
  const services = [
    { service: web, statistics },
    { service: mark, statistics },
  ];

  test('of one service go to zero', async () => {
    const { client, kernel } = await open({ services });
    await client.zero({ service: web });
    expect(kernel.table().map(({ service }) => service.statistics.connections)).toEqual([0n, 3n]);
  });

  test('of all go to zero', async () => {
    const { client, kernel } = await open({ services });
    await client.zero();
    expect(kernel.table().map(({ service }) => service.statistics.connections)).toEqual([0n, 0n]);
    expect(kernel.requests[0]).toMatchObject({ command: 'ZERO', attributes: {} });
  });

  test('of all are not zeroed by a mistake in naming one', async () => {
    const { client, kernel } = await open({ services });
    // What a program without types may do.
    const nameless = { type: 'zeroService' } as unknown as { type: 'zeroAll' };
    await expect(client.batch([nameless])).rejects.toThrow(TypeError);
    expect(kernel.requests).toEqual([]);
  });
});

test('flush empties the table', async () => {
  const { client, kernel } = await open({ services: [{ service: web }, { service: mark }] });
  await client.flush();
  expect(kernel.table()).toEqual([]);
});

describe('timeouts', () => {
  test('are read and set; what is left out stays', async () => {
    const { client } = await open();
    expect(await client.timeouts()).toEqual({
      tcpSeconds: 900,
      tcpFinSeconds: 120,
      udpSeconds: 300,
    });
    await client.setTimeouts({ tcpFinSeconds: 30 });
    await client.setTimeouts({ udpSeconds: 60, tcpSeconds: undefined });
    expect(await client.timeouts()).toEqual({ tcpSeconds: 900, tcpFinSeconds: 30, udpSeconds: 60 });
  });

  test('too long are EINVAL, and those without a place on the wire a RangeError', async () => {
    const { client, kernel } = await open();
    await client.setTimeouts({ tcpSeconds: 2_147_483 });
    await expect(client.setTimeouts({ tcpSeconds: 2_147_484 })).rejects.toThrow(
      refused({ operation: 'setTimeouts', command: 'SET_CONFIG', code: 'EINVAL' }),
    );
    for (const [field, seconds] of [
      ['udpSeconds', -1],
      ['udpSeconds', 0.5],
      ['udpSeconds', Number.NaN],
      ['tcpFinSeconds', 2 ** 32],
      ['tcpSeconds', 0],
    ] as const) {
      const outcome = client.setTimeouts({ [field]: seconds });
      await expect(outcome).rejects.toThrow(RangeError);
      await expect(outcome).rejects.toThrow(`${field}: ${seconds} is not a whole number from 1`);
    }
    expect(kernel.requests).toHaveLength(2);
  });

  test('that the kernel does not say are zero', async () => {
    const { client } = await speak((request) => [ack(request)]);
    expect(await client.timeouts()).toEqual({ tcpSeconds: 0, tcpFinSeconds: 0, udpSeconds: 0 });
  });
});

describe('sync daemons', () => {
  test('are started, seen and stopped', async () => {
    const { client } = await open();
    expect(await client.syncDaemons()).toEqual([]);
    await client.startSyncDaemon({ state: 'backup', interface: 'eth0', syncId: 9 });
    await client.startSyncDaemon({ state: 'master', interface: 'eth0', group: 'ff02::81', ttl: 3 });
    expect(await client.syncDaemons()).toMatchObject([
      { state: 'master', group: IpAddress.parse('ff02::81'), ttl: 3, port: 8848, syncId: 0 },
      { state: 'backup', group: IpAddress.parse('224.0.0.81'), syncId: 9, maximumLength: 1472 },
    ]);
    await client.stopSyncDaemon('master');
    expect(await client.syncDaemons()).toMatchObject([{ state: 'backup' }]);
  });

  test.each([
    [
      'a second in one state',
      'EEXIST',
      (client: IpvsClient) => client.startSyncDaemon({ state: 'master', interface: 'eth0' }),
    ],
    [
      'an unknown interface',
      'ENODEV',
      (client: IpvsClient) => client.startSyncDaemon({ state: 'backup', interface: 'eth9' }),
    ],
    [
      'stopping one that does not run',
      'ESRCH',
      (client: IpvsClient) => client.stopSyncDaemon('backup'),
    ],
  ])('%s is %s', async (_name, code, call) => {
    const { client } = await open({ daemons: [{ state: 'master', interface: 'eth0' }] });
    await expect(call(client)).rejects.toThrow(refused({ code }));
  });

  test('are stopped also where the kernel says nothing, because the daemon never ran', async () => {
    const { client, kernel } = await speak((request) =>
      request.command === 'DEL_DAEMON' ? [] : [info(request, {}), ack(request)],
    );
    await client.stopSyncDaemon('master');
    expect(kernel.requests[0]).toMatchObject({
      command: 'DEL_DAEMON',
      attributes: { DAEMON: { STATE: 1 } },
    });
  });

  test('that cannot be stopped say so', async () => {
    const { client } = await open({ refuse: () => 'EPERM' });
    const facts = { operation: 'stopSyncDaemon', command: 'DEL_DAEMON', code: 'EPERM' };
    await expect(client.stopSyncDaemon('backup')).rejects.toThrow(refused(facts));
    client.close();
    await expect(client.stopSyncDaemon('backup')).rejects.toThrow(
      refused({ operation: 'stopSyncDaemon', code: 'ECANCELED' }),
    );
  });

  test('of an old kernel say less', async () => {
    const { client } = await speak((request) => [
      data(request, 'NEW_DAEMON', { DAEMON: { STATE: 2, MCAST_IFN: 'eth0', SYNC_ID: 1 } }),
      data(request, 'NEW_DAEMON', {}),
      done(request),
    ]);
    expect(await client.syncDaemons()).toEqual([
      {
        state: 'backup',
        interface: 'eth0',
        syncId: 1,
        maximumLength: undefined,
        group: undefined,
        port: undefined,
        ttl: undefined,
      },
    ]);
  });

  test('have values with a place on the wire', async () => {
    const { client, kernel } = await open();
    const start = (given: object) =>
      client.startSyncDaemon({ state: 'master', interface: 'eth0', ...given });
    await expect(start({ interface: 'x'.repeat(16) })).rejects.toThrow(
      'IPVS_DAEMON_ATTR_MCAST_IFN',
    );
    await expect(start({ ttl: 256 })).rejects.toThrow('IPVS_DAEMON_ATTR_MCAST_TTL');
    await expect(start({ port: 65536 })).rejects.toThrow('IPVS_DAEMON_ATTR_MCAST_PORT');
    await expect(start({ group: 'all' })).rejects.toThrow(RangeError);
    // The kernel takes it, and says 0 to its peers: their messages have 8 bits for it.
    await expect(start({ syncId: 256 })).rejects.toThrow('syncId: 256 is not');
    await expect(start({ syncId: -1 })).rejects.toThrow(RangeError);
    expect(kernel.requests).toEqual([]);
  });
});

describe('values without a place on the wire are a RangeError, and send nothing', () => {
  test.each([
    [
      'a port',
      (client: IpvsClient) => client.addService({ ...web, port: 65536 }),
      'IPVS_SVC_ATTR_PORT',
    ],
    ['no address', (client: IpvsClient) => client.addService({ ...web, address: 'web' }), '"web"'],
    [
      'a mark of 0',
      (client: IpvsClient) => client.addService({ firewallMark: 0 }),
      'firewallMark: 0',
    ],
    [
      'a mark of 2^32',
      (client: IpvsClient) => client.addService({ firewallMark: 2 ** 32 }),
      'IPVS_SVC_ATTR_FWMARK',
    ],
    [
      'a long scheduler',
      (client: IpvsClient) => client.addService(web, { scheduler: 'x'.repeat(16) }),
      'IPVS_SVC_ATTR_SCHED_NAME',
    ],
    [
      'a NUL in an engine',
      (client: IpvsClient) => client.addService(web, { persistenceEngine: 's\0' }),
      'IPVS_SVC_ATTR_PE_NAME',
    ],
    [
      'a weight of 2^31',
      (client: IpvsClient) => client.addDestination(web, real, { weight: 2 ** 31 }),
      'IPVS_DEST_ATTR_WEIGHT',
    ],
    [
      'a threshold below 0',
      (client: IpvsClient) => client.addDestination(web, real, { upperThreshold: -1 }),
      'IPVS_DEST_ATTR_U_THRESH',
    ],
    [
      'a tunnel port',
      (client: IpvsClient) =>
        client.replaceDestination(web, real, { tunnel: { type: 'gue', port: 65536 } }),
      'IPVS_DEST_ATTR_TUN_PORT',
    ],
  ])('%s', async (_name, call, words) => {
    const { client, kernel } = await open();
    const outcome = Promise.resolve().then(() => call(client));
    await expect(outcome).rejects.toThrow(RangeError);
    await expect(outcome).rejects.toThrow(words);
    expect(kernel.requests).toEqual([]);
  });
});

describe('a batch', () => {
  test('applies what it can, and says what it could not', async () => {
    const { client, kernel } = await open();
    const onProgress = vi.fn();
    const outcome = await client.batch(
      [
        { type: 'addService', service: web },
        { type: 'addDestination', service: web, destination: real },
        { type: 'addService', service: web },
        { type: 'deleteDestination', service: mark, destination: real },
        { type: 'replaceService', service: web, settings: { scheduler: 'rr' } },
        {
          type: 'replaceDestination',
          service: web,
          destination: real,
          settings: { weight: 0 },
        },
        { type: 'zeroService', service: web },
        { type: 'zeroAll' },
        { type: 'deleteService', service: mark },
      ],
      { onProgress },
    );
    expect(outcome.applied).toBe(6);
    expect(
      outcome.failures.map(({ index, error }) => [index, error.code, error.operation]),
    ).toEqual([
      [2, 'EEXIST', 'addService'],
      [3, 'ESRCH', 'deleteDestination'],
      [8, 'ESRCH', 'deleteService'],
    ]);
    expect(outcome.failures[1]?.error.message).toBe(
      'cannot delete the real server 10.0.0.2:8080 of the service mark:7: there is no such service (ESRCH)',
    );
    expect(kernel.table()[0]).toMatchObject({
      service: { settings: { scheduler: 'rr' } },
      destinations: [{ settings: { weight: 0 } }],
    });
    expect(onProgress).toHaveBeenCalledWith(9);
  });

  test('takes any iterable, and flushes', async () => {
    const { client, kernel } = await open({ services: [{ service: web }] });
    function* operations() {
      yield { type: 'flush' } as const;
      yield { type: 'addService', service: mark } as const;
    }
    expect(await client.batch(operations())).toEqual({ applied: 2, failures: [] });
    expect(kernel.table()).toHaveLength(1);
  });

  test('with a value that has no place on the wire changes nothing', async () => {
    const { client, kernel } = await open();
    const bad = { type: 'addService', service: { ...web, port: -1 } } as const;
    const good = { type: 'addService', service: mark } as const;
    await expect(client.batch([good, bad, good])).rejects.toThrow('IPVS_SVC_ATTR_PORT');
    expect(kernel.requests).toEqual([]);
  });

  test('on a closed client is ECANCELED', async () => {
    const { client } = await open();
    client.close();
    await expect(client.batch([{ type: 'flush' }])).rejects.toThrow(
      'cannot apply a batch of changes: the client was closed (ECANCELED)',
    );
  });
});

describe('a client that is closed', () => {
  test('ends what waits, and closes once', async () => {
    const { client, kernel } = await speak((request) => [ack(request)]);
    const call = client.batch(Array.from({ length: 600 }, () => ({ type: 'flush' }) as const));
    client.close();
    client.close();
    await expect(call).rejects.toThrow(refused({ name: 'IpvsError', code: 'ECANCELED' }));
    await expect(client.info()).rejects.toThrow(refused({ code: 'ECANCELED' }));
    expect(kernel.closed).toBe(true);
  });

  test('by `await using`', async () => {
    const kernel = tableKernel();
    {
      await using client = await IpvsClient.open({ socket: kernel });
      await client.flush();
    }
    expect(kernel.closed).toBe(true);
  });
});

test('a signal ends a call with its reason, not with an error of the system', async () => {
  const { client, kernel } = await speak((request) => [ack(request)]);
  const controller = new AbortController();
  const reason = new DOMException('enough', 'TimeoutError');
  const flushes = Array.from({ length: 600 }, () => ({ type: 'flush' }) as const);
  const call = client.batch(flushes, {
    signal: controller.signal,
    onProgress: () => {
      controller.abort(reason);
    },
  });
  await expect(call).rejects.toBe(reason);
  expect(kernel.datagrams).toEqual([256]);
});

test('calls of all kinds run side by side', async () => {
  const services = Array.from({ length: 20 }, (_, index) => ({
    service: { firewallMark: index + 1 },
  }));
  const { client } = await open({ services });
  const calls = services.map(async ({ service }, index) => {
    if (index % 2 === 0) return (await client.service(service)).id;
    await client.addDestination(service, real);
    return (await collect(client.destinations(service))).length;
  });
  const outcomes = await Promise.all(calls);
  expect(outcomes[18]).toEqual({ firewallMark: 19, family: 'ipv4' });
  expect(outcomes[19]).toBe(1);
});
