/** Callers whose compiler did not help them: what they hand in is refused by its name, before anything is sent. */
import { describe, expect, test } from 'vitest';
import { IpvsClient, OperationBatch } from '../../../src/index.js';
import type {
  DestinationIdInput,
  DestinationSettingsInput,
  Operation,
  ServiceIdInput,
  ServiceSettingsInput,
  SyncDaemonInput,
  SyncDaemonState,
} from '../../../src/index.js';
import { tableKernel } from '../../../src/testing/table-kernel.js';

const web = { protocol: 'tcp', address: '192.0.2.1', port: 80 } as const;
const real = { address: '10.0.0.2', port: 8080 } as const;

/** What the call is refused with, and that nothing was sent. */
async function refusalOf(call: (client: IpvsClient) => unknown): Promise<unknown> {
  const kernel = tableKernel();
  const client = await IpvsClient.open({ socket: kernel });
  const outcome: unknown = await Promise.resolve()
    .then(() => call(client))
    .catch((error: unknown) => error);
  expect(kernel.requests).toEqual([]);
  return outcome;
}

describe('the identity of a service', () => {
  test.each([
    [{ protocol: 'tcp', port: 80 }, TypeError, 'address: undefined is not an address'],
    [{ ...web, address: 7 }, TypeError, 'address: 7 is not an address'],
    [{ ...web, address: {} }, TypeError, 'address: an object is not an address'],
    [{ ...web, address: 'web' }, RangeError, 'not an IPv4 or IPv6 address: "web"'],
    [{ protocol: 'tcp', address: '192.0.2.1' }, TypeError, 'port: undefined is not a number'],
    [{ ...web, port: '80' }, TypeError, 'port: "80" is not a number'],
    [{ address: '192.0.2.1', port: 80 }, RangeError, 'protocol: undefined is not one of tcp, udp'],
    [{ ...web, protocol: 'icmp' }, RangeError, 'protocol: "icmp" is not one of tcp, udp, sctp'],
    [{ ...web, protocol: 'toString' }, RangeError, 'protocol: "toString"'],
    [{ firewallMark: '7' }, TypeError, 'firewallMark: "7" is not a number'],
    [{ firewallMark: 7, family: 'ipv5' }, RangeError, 'family: "ipv5" is not one of ipv4, ipv6'],
    [undefined, TypeError, 'service: undefined is not an object'],
    ['web', RangeError, 'service: "web" is not of the form tcp:192.0.2.1:80'],
    [null, TypeError, 'service: null is not an object'],
  ])('%j is refused', async (id, kind, words) => {
    const service = id as ServiceIdInput;
    const refusal = await refusalOf((client) => client.addService(service));
    expect(refusal).toBeInstanceOf(kind);
    expect(refusal).toHaveProperty('message', expect.stringContaining(words));
    for (const call of [
      (client: IpvsClient) => client.service(service),
      (client: IpvsClient) => client.deleteService(service),
      (client: IpvsClient) => client.destinations(service).next(),
      (client: IpvsClient) => client.updateService(service, {}),
      (client: IpvsClient) => client.addDestination(service, real),
    ]) {
      expect(await refusalOf(call)).toMatchObject({
        message: expect.stringContaining(words) as string,
      });
    }
  });
});

test.each([
  ['rr', TypeError, 'settings: "rr" is not an object'],
  [{ scheduler: 7 }, TypeError, 'scheduler: 7 is not a string'],
  [{ persistence: {} }, TypeError, 'persistence.timeoutSeconds: undefined is not a number'],
  [{ persistence: 360 }, TypeError, 'persistence: 360 is not an object'],
  [
    { persistence: { timeoutSeconds: 9, netmask: 24 } },
    TypeError,
    'persistence.netmask: 24 is not an address',
  ],
  [{ persistenceEngine: true }, TypeError, 'persistenceEngine: true is not a string'],
  [{ onePacket: 'yes' }, TypeError, 'onePacket: "yes" is not a boolean'],
  [{ schedulerFlags: ['sh-port'] }, RangeError, 'schedulerFlags: "sh-port" is not one of 1, 2, 3'],
  [{ schedulerFlags: [4] }, RangeError, 'schedulerFlags: 4 is not one of 1, 2, 3'],
  [{ schedulerFlags: 'sh-port' }, TypeError, 'schedulerFlags: "sh-port" is not an array'],
])('a service with %j is refused', async (given, kind, words) => {
  const settings = given as unknown as ServiceSettingsInput;
  for (const call of [
    (client: IpvsClient) => client.addService(web, settings),
    (client: IpvsClient) => client.replaceService(web, settings),
    (client: IpvsClient) => client.batch([{ type: 'addService', service: web, settings }]),
  ]) {
    const refusal = await refusalOf(call);
    expect(refusal).toBeInstanceOf(kind);
    expect(refusal).toHaveProperty('message', words);
  }
});

test.each([
  [undefined, TypeError, 'destination: undefined is not an object'],
  [
    '10.0.0.2',
    RangeError,
    'destination: "10.0.0.2" is not of the form 10.0.0.2:8080 or [2001:db8::2]:443',
  ],
  [{ port: 80 }, TypeError, 'address: undefined is not an address'],
  [{ address: '10.0.0.2' }, TypeError, 'port: undefined is not a number'],
])('a real server %j is refused', async (given, kind, words) => {
  const destination = given as DestinationIdInput;
  for (const call of [
    (client: IpvsClient) => client.addDestination(web, destination),
    (client: IpvsClient) => client.deleteDestination(web, destination),
    (client: IpvsClient) => client.updateDestination(web, destination, { weight: 0 }),
  ]) {
    const refusal = await refusalOf(call);
    expect(refusal).toBeInstanceOf(kind);
    expect(refusal).toHaveProperty('message', words);
  }
});

test.each([
  ['nat', TypeError, 'settings: "nat" is not an object'],
  [{ forwardingMethod: 'masq' }, RangeError, 'forwardingMethod: "masq" is not one of nat, local'],
  [{ weight: '3' }, TypeError, 'weight: "3" is not a number'],
  [{ upperThreshold: null }, TypeError, 'upperThreshold: null is not a number'],
  [{ lowerThreshold: [] }, TypeError, 'lowerThreshold: an object is not a number'],
  [{ tunnel: { type: 'fou' } }, RangeError, 'tunnel.type: "fou" is not one of ipip, gue, gre'],
  [{ tunnel: {} }, RangeError, 'tunnel.type: undefined is not one of ipip, gue, gre'],
  [{ tunnel: 'gue' }, TypeError, 'tunnel: "gue" is not an object'],
  [{ tunnel: { type: 'gue', port: '6080' } }, TypeError, 'tunnel.port: "6080" is not a number'],
  [
    { tunnel: { type: 'gre', checksum: 'csum' } },
    RangeError,
    'tunnel.checksum: "csum" is not one of none, full, remote',
  ],
])('a real server with %j is refused', async (given, kind, words) => {
  const settings = given as unknown as DestinationSettingsInput;
  for (const call of [
    (client: IpvsClient) => client.addDestination(web, real, settings),
    (client: IpvsClient) => client.replaceDestination(web, real, settings),
  ]) {
    const refusal = await refusalOf(call);
    expect(refusal).toBeInstanceOf(kind);
    expect(refusal).toHaveProperty('message', expect.stringContaining(words));
  }
});

test.each([
  [undefined, TypeError, 'daemon: undefined is not an object'],
  [{ interface: 'eth0' }, RangeError, 'state: undefined is not one of master, backup'],
  [{ state: 'slave', interface: 'eth0' }, RangeError, 'state: "slave" is not one of master'],
  [{ state: 'master' }, TypeError, 'interface: undefined is not a string'],
  [{ state: 'master', interface: 'eth0', group: 7 }, TypeError, 'group: 7 is not an address'],
])('a sync daemon %j is refused', async (given, kind, words) => {
  const refusal = await refusalOf((client) =>
    client.startSyncDaemon(given as unknown as SyncDaemonInput),
  );
  expect(refusal).toBeInstanceOf(kind);
  expect(refusal).toHaveProperty('message', expect.stringContaining(words));
});

test('a sync daemon of an unknown state is not stopped, and timeouts are an object', async () => {
  const stop = await refusalOf((client) => client.stopSyncDaemon('slave' as SyncDaemonState));
  expect(stop).toEqual(new RangeError('state: "slave" is not one of master, backup'));
  const set = await refusalOf((client) => client.setTimeouts(9 as unknown as object));
  expect(set).toEqual(new TypeError('timeouts: 9 is not an object'));
});

test.each([
  [{ type: 'addServices', service: web }, 'type: "addServices" is not one of addService, replace'],
  [{ type: 'toString', service: web }, 'type: "toString" is not one of addService'],
  [{ operation: 'addService', service: web }, 'type: undefined is not one of addService'],
  [null, 'operation: null is not an object'],
  ['flush', 'operation: "flush" is not an object'],
  [{ type: 'addDestination', service: web }, 'destination: undefined is not an object'],
])('the operation %j of a batch is refused by name', async (given, words) => {
  const operation = given as unknown as Operation;
  const add = () => {
    new OperationBatch().add(operation);
  };
  for (const call of [(client: IpvsClient) => client.batch([{ type: 'flush' }, operation]), add]) {
    const refusal = await refusalOf(call);
    expect(refusal).toBeInstanceOf(TypeError);
    expect(refusal).toHaveProperty('message', expect.stringContaining(words));
  }
});

test('what an operation is on depends on its type alone', async () => {
  const kernel = tableKernel({
    services: [{ service: web, destinations: [{ destination: real }] }],
  });
  const client = await IpvsClient.open({ socket: kernel });
  const more = { type: 'zeroService', service: web, destination: real, settings: {} } as const;
  await client.batch([more]);
  expect(kernel.requests[0]).toMatchObject({ command: 'ZERO' });
  expect(kernel.requests[0]?.attributes.DEST).toBeUndefined();
});

test('a patch of the wrong kind changes nothing', async () => {
  const kernel = tableKernel({
    services: [{ service: web, destinations: [{ destination: real }] }],
  });
  const client = await IpvsClient.open({ socket: kernel });
  const fou = { tunnel: { type: 'fou' } } as unknown as DestinationSettingsInput;
  await expect(client.updateDestination(web, real, fou)).rejects.toThrow('tunnel.type: "fou"');
  await expect(client.updateService(web, { persistence: {} })).rejects.toThrow(
    'persistence.timeoutSeconds: undefined is not a number',
  );
  await expect(client.updateService(web, 'rr' as unknown as object)).rejects.toThrow(
    'patch: "rr" is not an object',
  );
  expect(kernel.requests.map(({ command }) => command)).not.toContain('SET_DEST');
});
