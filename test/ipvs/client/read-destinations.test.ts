/** The real servers of many services: at once where the system shows the socket, and one dump after the other where not. */
import { describe, expect, test } from 'vitest';
import { IpvsClient } from '../../../src/index.js';
import type { Destination, OpenNetlinkSocket, ServiceIdInput } from '../../../src/index.js';
import { collect } from '../../../src/common/collect.js';
import { data, done, fakeKernel, nextDatagram, refuse } from '../../../src/testing/fake-kernel.js';
import type { Answer, FakeRequest } from '../../../src/testing/fake-kernel.js';
import { sockets } from '../../support/netlink.js';
import { tableKernel } from '../../../src/testing/table-kernel.js';
import type { PresetService } from '../../../src/testing/presets.js';

const marks = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ firewallMark: index + 1 }));
const server = (request: FakeRequest, PORT: number) =>
  data(request, 'NEW_DEST', { DEST: { ADDR_FAMILY: 2, PORT } });
const markOf = ({ attributes }: FakeRequest) => attributes.SERVICE?.FWMARK ?? 0;
const ports = (all: readonly Pick<Destination, 'id'>[]) => all.map(({ id }) => id.port);

/** A kernel whose every service has one real server, whose port is the service's mark. */
const oneEach: Answer = (request) => [server(request, markOf(request)), done(request)];

async function speak(answer: Answer, reading = (kernel: OpenNetlinkSocket) => kernel) {
  const kernel = fakeKernel(answer);
  return { kernel, client: await IpvsClient.open({ socket: reading(kernel) }) };
}

describe.each(sockets)('the real servers of many services, read %s,', (_name, reading) => {
  test('come in the order of the services, those of a service at a time', async () => {
    const { client } = await speak(oneEach, reading);
    const wanted = marks(100).reverse();
    const found = await collect(client.destinations(wanted));
    expect(found.map(ports)).toEqual(wanted.map(({ firewallMark }) => [firewallMark]));
  });

  test('are none for a service that is not there', async () => {
    const { client } = await speak(
      (request) => (markOf(request) % 2 === 0 ? [done(request)] : [...oneEach(request)]),
      reading,
    );
    const found = await collect(client.destinations(marks(9)));
    expect(found.map(ports)).toEqual([[1], [], [3], [], [5], [], [7], [], [9]]);
  });

  test('have each once, when the table changes and the kernel repeats one', async () => {
    const { client } = await speak(
      (request) => [
        server(request, 1),
        server(request, 2),
        nextDatagram,
        server(request, 2),
        server(request, 3),
        nextDatagram,
        server(request, 1),
        server(request, 4),
        nextDatagram,
        done(request),
      ],
      reading,
    );
    const found = await collect(client.destinations(marks(8)));
    expect(found.map(ports)).toEqual(marks(8).map(() => [1, 2, 3, 4]));
  });

  test('have also what a deletion between two pieces has hidden', async () => {
    const walks = new Map<number, number>();
    const { client } = await speak((request) => {
      const walk = walks.get(markOf(request)) ?? 0;
      walks.set(markOf(request), walk + 1);
      // The first is deleted after it was reported: the third is in the second's place, which is reported already.
      return walk === 0
        ? [server(request, 1), server(request, 2), nextDatagram, server(request, 4), done(request)]
        : [server(request, 2), server(request, 3), server(request, 4), done(request)];
    }, reading);
    const found = await collect(client.destinations(marks(8)));
    expect(found.map(ports)).toEqual(marks(8).map(() => [1, 2, 4, 3]));
    expect([...walks.values()]).toEqual(marks(8).map(() => 2));
  });

  test('are what they are one by one, with counters and without', async () => {
    const services: PresetService[] = [
      ...marks(10).map((service) => ({
        service,
        destinations: [
          {
            destination: { address: '10.0.0.2', port: 0 },
            settings: { weight: 7, upperThreshold: 9 },
            activeConnections: 3,
            statistics: { connections: 5n, outgoingBytes: 2n ** 40n },
          },
          {
            destination: { address: '2001:db8::2', port: 0 },
            settings: {
              forwardingMethod: 'tun' as const,
              tunnel: { type: 'gue' as const, port: 6080 },
            },
          },
        ],
      })),
      { service: { protocol: 'tcp', address: '2001:db8::1', port: 80 } },
    ];
    const client = await IpvsClient.open({ socket: reading(tableKernel({ services })) });
    const ids = services.map(({ service }) => service);
    const single = await Promise.all(ids.map((id) => collect(client.destinations(id))));
    expect(await collect(client.destinations(ids))).toEqual(single);
    const states = single.map((all) =>
      all.map(({ id, settings, ...counted }) => ({
        id,
        settings,
        activeConnections: counted.activeConnections,
        inactiveConnections: counted.inactiveConnections,
        persistentConnections: counted.persistentConnections,
      })),
    );
    expect(await collect(client.destinations(ids, { statistics: false }))).toEqual(states);
    const table = await collect(client.table());
    expect(table.map(({ destinations }) => destinations)).toEqual(single);
  });

  test('end with the reason of a signal that is aborted between two services', async () => {
    const { client, kernel } = await speak(oneEach, reading);
    const controller = new AbortController();
    const seen: number[] = [];
    const walk = async () => {
      const { signal } = controller;
      for await (const found of client.destinations(marks(50), { signal })) {
        seen.push(...ports(found));
        if (seen.length === 3) controller.abort(new Error('enough'));
      }
    };
    await expect(walk()).rejects.toThrow('enough');
    expect(seen).toEqual([1, 2, 3]);
    expect(kernel.requests).toHaveLength(3);
  });

  test('end with an error that says of which service, behind those before', async () => {
    const { client } = await speak(
      (request) => (markOf(request) === 3 ? [refuse(request, 'EINTR')] : [...oneEach(request)]),
      reading,
    );
    const seen: number[] = [];
    const walk = async () => {
      for await (const found of client.destinations(marks(9))) seen.push(...ports(found));
    };
    await expect(walk()).rejects.toMatchObject({
      name: 'IpvsError',
      operation: 'destinations',
      command: 'GET_DEST',
      service: { firewallMark: 3, family: 'ipv4' },
      code: 'EINTR',
    });
    expect(seen).toEqual([1, 2]);
    expect((await collect(client.destinations(marks(2)))).map(ports)).toEqual([[1], [2]]);
  });

  test('are checked to be nameable before anything is sent', async () => {
    const { client, kernel } = await speak(oneEach, reading);
    const bad: ServiceIdInput = { protocol: 'tcp', address: '192.0.2.256', port: 80 };
    expect(() => client.destinations([...marks(9), bad])).toThrow(RangeError);
    expect(kernel.requests).toEqual([]);
  });

  test('of a client that is closed are ECANCELED', async () => {
    const { client } = await speak(oneEach, reading);
    const walk = async () => {
      for await (const found of client.destinations(marks(20))) {
        expect(found).toHaveLength(1);
        client.close();
      }
    };
    await expect(walk()).rejects.toMatchObject({ name: 'IpvsError', code: 'ECANCELED' });
  });

  test('may be asked for beside other calls', async () => {
    const { client } = await speak(oneEach, reading);
    const walks = await Promise.all([
      collect(client.destinations(marks(40))),
      collect(client.destinations(marks(40))),
      collect(client.destinations({ firewallMark: 41 })),
      collect(client.destinations(marks(3), { statistics: false })),
    ]);
    const expected = marks(40).map(({ firewallMark }) => [firewallMark]);
    expect(walks[0].map(ports)).toEqual(expected);
    expect(walks[1].map(ports)).toEqual(expected);
    expect(ports(walks[2])).toEqual([41]);
    expect(walks[3].map(ports)).toEqual([[1], [2], [3]]);
  });
});

test('real servers that are read at once leave others their turn', async () => {
  const { client } = await speak(oneEach);
  let turns = 0;
  const count = () => {
    turns += 1;
    timer = setImmediate(count);
  };
  let timer = setImmediate(count);
  for await (const found of client.destinations(marks(200))) {
    expect(found).toHaveLength(1);
  }
  clearImmediate(timer);
  expect(turns).toBeGreaterThanOrEqual(5);
});

test('of an old kernel real servers have the family of their service', async () => {
  const ADDR = new Uint8Array(16).fill(1);
  const { client } = await speak((request) => [
    data(request, 'NEW_DEST', { DEST: { PORT: 1, ADDR } }),
    done(request),
  ]);
  const six = Array.from({ length: 8 }, () => ({ firewallMark: 1, family: 'ipv6' }) as const);
  for await (const found of client.destinations(six, { statistics: false })) {
    expect(found.map(({ id }) => `${id.address}`)).toEqual(['101:101:101:101:101:101:101:101']);
  }
});

test('services without their counters are those with them', async () => {
  const services: PresetService[] = [
    {
      service: { protocol: 'udp', address: '192.0.2.1', port: 53 },
      settings: {
        scheduler: 'mh',
        schedulerFlags: [1, 2],
        onePacket: true,
        persistence: { timeoutSeconds: 60, netmask: '255.255.255.0' },
        persistenceEngine: 'sip',
      },
      statistics: { connections: 3n },
    },
    {
      service: { protocol: 'sctp', address: '2001:db8::1', port: 1 },
      settings: { persistence: { timeoutSeconds: 1, prefixLength: 64 } },
    },
    { service: { firewallMark: 7, family: 'ipv6' } },
  ];
  const client = await IpvsClient.open({ socket: tableKernel({ services }) });
  const whole = await collect(client.services());
  expect(await collect(client.services({ statistics: false }))).toEqual(
    whole.map(({ id, settings }) => ({ id, settings })),
  );
  expect(whole).toHaveLength(3);
});
