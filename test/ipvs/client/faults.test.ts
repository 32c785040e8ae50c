/** What a program gets when the kernel or the socket misbehaves, whatever it has called. */
import { describe, expect, test } from 'vitest';
import { IpAddress, IpvsClient, IpvsError } from '../../../src/index.js';
import { collect } from '../../../src/common/collect.js';
import { answerFamily, errnoOf, FAMILY_ID, refuse } from '../../../src/testing/fake-kernel.js';
import type { ErrnoName } from '../../../src/testing/fake-kernel.js';
import { faulty } from '../../support/faulty-socket.js';
import type { Faults } from '../../support/faulty-socket.js';
import { tableKernel } from '../../../src/testing/table-kernel.js';

const web = { protocol: 'tcp', address: '192.0.2.1', port: 80 } as const;
const webId = { ...web, address: IpAddress.parse('192.0.2.1') };
const real = { address: '10.0.0.2', port: 8080 } as const;
const realId = { ...real, address: IpAddress.parse('10.0.0.2') };
const mark = { firewallMark: 7 } as const;
const services = [
  { service: web, destinations: [{ destination: real }] },
  { service: mark, destinations: [{ destination: real }] },
];

type Call = (client: IpvsClient) => Promise<unknown>;

/** Every call, with what its errors say of it. */
const calls: readonly (readonly [operation: string, facts: object, call: Call])[] = [
  ['info', { command: 'GET_INFO' }, (client) => client.info()],
  ['services', { command: 'GET_SERVICE' }, (client) => collect(client.services())],
  ['service', { command: 'GET_SERVICE', service: webId }, (client) => client.service(web)],
  [
    'destinations',
    { command: 'GET_DEST', service: webId },
    (client) => collect(client.destinations(web)),
  ],
  [
    'addService',
    { command: 'NEW_SERVICE', service: { firewallMark: 9, family: 'ipv4' } },
    (client) => client.addService({ firewallMark: 9 }),
  ],
  [
    'replaceService',
    { command: 'SET_SERVICE', service: webId },
    (client) => client.replaceService(web),
  ],
  [
    'deleteService',
    { command: 'DEL_SERVICE', service: webId },
    (client) => client.deleteService(web),
  ],
  [
    'addDestination',
    { command: 'NEW_DEST', service: webId, destination: { address: realId.address, port: 1 } },
    (client) => client.addDestination(web, { ...real, port: 1 }),
  ],
  [
    'replaceDestination',
    { command: 'SET_DEST', service: webId, destination: realId },
    (client) => client.replaceDestination(web, real),
  ],
  [
    'deleteDestination',
    { command: 'DEL_DEST', service: webId, destination: realId },
    (client) => client.deleteDestination(web, real),
  ],
  ['flush', { command: 'FLUSH' }, (client) => client.flush()],
  ['zeroAll', { command: 'ZERO', service: undefined }, (client) => client.zero()],
  ['zeroService', { command: 'ZERO', service: webId }, (client) => client.zero({ service: web })],
  ['timeouts', { command: 'GET_CONFIG' }, (client) => client.timeouts()],
  ['setTimeouts', { command: 'SET_CONFIG' }, (client) => client.setTimeouts({ udpSeconds: 9 })],
  [
    'startSyncDaemon',
    { command: 'NEW_DAEMON' },
    (client) => client.startSyncDaemon({ state: 'master', interface: 'eth0' }),
  ],
  ['stopSyncDaemon', { command: 'DEL_DAEMON' }, (client) => client.stopSyncDaemon('backup')],
  ['syncDaemons', { command: 'GET_DAEMON' }, (client) => client.syncDaemons()],
  [
    'batch',
    { command: undefined },
    (client) => client.batch([{ type: 'deleteService', service: web }]),
  ],
];

interface Fault {
  readonly name: string;
  readonly operation: string;
  readonly code: ErrnoName;
  readonly faults: Faults;
}

const nothing = () => undefined;
const socketError = (code: ErrnoName) => () => errnoOf(code);

/** What may happen to a call, and its outcome is unknown, but where nothing was sent. */
const unknown: readonly Fault[] = [
  ...(['EAGAIN', 'EBUSY', 'ENOBUFS'] as const).map((code) => ({
    name: 'a socket that takes nothing',
    operation: 'send',
    code,
    faults: { send: () => errnoOf(code) },
  })),
  {
    name: 'lost replies',
    operation: 'receive',
    code: 'ENOBUFS',
    faults: { receive: socketError('ENOBUFS') },
  },
  {
    name: 'a datagram longer than the buffer',
    operation: 'receive',
    code: 'EMSGSIZE',
    faults: { receive: socketError('EMSGSIZE') },
  },
  {
    name: 'a datagram cut short',
    operation: 'decode',
    code: 'EBADMSG',
    faults: { receive: (datagram: Uint8Array) => datagram.subarray(0, -1) },
  },
  {
    name: 'a kernel that says nothing',
    operation: 'receive',
    code: 'ENODATA',
    faults: { receive: nothing },
  },
];

/** What a call rejects with. */
function failureOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(nothing, (error: unknown) => error);
}

async function openFaulty() {
  const faults: Faults = {};
  const kernel = tableKernel({ services, daemons: [{ state: 'backup', interface: 'eth0' }] });
  const client = await IpvsClient.open({ socket: faulty(kernel, faults) });
  return { kernel, client, faults };
}

describe.each(unknown)('$name ($code)', ({ operation: where, code, faults: harm }) => {
  test.each(calls)('ends %s, and no later call', async (operation, facts, call) => {
    const { client, faults } = await openFaulty();
    Object.assign(faults, harm);
    const error = await failureOf(call(client));
    expect(error).toBeInstanceOf(IpvsError);
    expect(error).toMatchObject({ operation, ...facts, code, cause: { operation: where, code } });
    Object.assign(faults, { send: undefined, receive: undefined });
    await client.flush();
    expect(await collect(client.table())).toEqual([]);
  });

  test('ends an opening, and closes the socket', async () => {
    const kernel = tableKernel();
    const opened = IpvsClient.open({ socket: faulty(kernel, harm) });
    expect(await failureOf(opened)).toMatchObject({ name: 'IpvsError', operation: 'open', code });
    expect(kernel.closed).toBe(true);
  });

  test('within a table, behind its services, ends it', async () => {
    const { client, faults } = await openFaulty();
    const seen: unknown[] = [];
    const walk = async () => {
      for await (const { service } of client.table()) {
        seen.push(service.id);
        Object.assign(faults, harm);
      }
    };
    expect(await failureOf(walk())).toMatchObject({
      operation: 'destinations',
      service: { firewallMark: 7 },
      code,
    });
    expect(seen).toEqual([webId]);
  });
});

test('a change whose reply was lost may have taken effect: its error does not deny it', async () => {
  const { client, kernel, faults } = await openFaulty();
  faults.receive = socketError('ENOBUFS');
  await expect(client.flush()).rejects.toMatchObject({ code: 'ENOBUFS' });
  expect(kernel.table()).toEqual([]);
});

describe.each(['EAGAIN', 'EBUSY'] satisfies ErrnoName[])('a kernel that answers %s', (code) => {
  test.each(calls)('to %s', async (operation, facts, call) => {
    const kernel = tableKernel({ services, refuse: () => code });
    const client = await IpvsClient.open({ socket: kernel });
    const outcome = await call(client).catch((error: unknown) => error);
    const reported =
      operation === 'batch'
        ? (outcome as { failures: readonly { error: unknown }[] }).failures[0]?.error
        : outcome;
    const one = operation === 'batch' ? { operation: 'deleteService', service: webId } : facts;
    expect(reported).toMatchObject({ operation, code, ...one });
  });
});

describe('a kernel whose module was reloaded', () => {
  /** A kernel that knows IPVS by an id which a test changes, or no more. */
  async function openReloadable() {
    const module: { id: number | undefined } = { id: FAMILY_ID };
    const kernel = tableKernel({
      services,
      refuse: ({ type }) => (type === module.id ? undefined : 'ENOENT'),
      family: (request) =>
        module.id === undefined ? [refuse(request, 'ENOENT')] : answerFamily(request, module.id),
    });
    return { kernel, module, client: await IpvsClient.open({ socket: kernel }) };
  }
  const wellUnder = calls.filter(([operation]) => operation !== 'stopSyncDaemon');

  test.each(wellUnder)(
    'answers %s of a client that was open before',
    async (_name, _facts, call) => {
      const { client, kernel, module } = await openReloadable();
      const before = await openReloadable();
      module.id = 29;
      expect(await call(client)).toEqual(await call(before.client));
      expect(kernel.table()).toEqual(before.kernel.table());
    },
  );

  test('makes stopSyncDaemon report that none is running', async () => {
    const { client, module } = await openReloadable();
    module.id = 29;
    await expect(client.stopSyncDaemon('backup')).rejects.toMatchObject({ code: 'ESRCH' });
  });

  test.each(calls)('and is not there now: %s is ENOPROTOOPT', async (operation, facts, call) => {
    const { client, module } = await openReloadable();
    module.id = undefined;
    await expect(call(client)).rejects.toMatchObject({ operation, ...facts, code: 'ENOPROTOOPT' });
  });

  test('reports an ENOENT of its own as it is', async () => {
    const { client, module } = await openReloadable();
    const unknownScheduler = () => client.addService({ firewallMark: 9 }, { scheduler: 'none' });
    await expect(unknownScheduler()).rejects.toMatchObject({ code: 'ENOENT' });
    module.id = 29;
    await expect(unknownScheduler()).rejects.toMatchObject({ code: 'ENOENT' });
    const { applied, failures } = await client.batch([
      { type: 'deleteDestination', service: web, destination: { ...real, port: 1 } },
      { type: 'addService', service: { firewallMark: 10 } },
    ]);
    expect([applied, failures.map(({ error }) => error.code)]).toEqual([1, ['ENOENT']]);
  });
});
