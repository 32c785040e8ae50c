/** Changes that name what they change, and keep the rest. */
import { describe, expect, test } from 'vitest';
import { IpAddress, IpvsClient } from '../../../src/index.js';
import type { DestinationSettingsInput, ServiceSettingsInput } from '../../../src/index.js';
import { collect } from '../../../src/common/collect.js';
import { ack, data, done, fakeKernel } from '../../../src/testing/fake-kernel.js';
import { tableKernel } from '../../../src/testing/table-kernel.js';

const web = { protocol: 'tcp', address: '192.0.2.1', port: 80 } as const;
const real = { address: '10.0.0.2', port: 8080 } as const;

async function withServer(settings: DestinationSettingsInput) {
  const destinations = [
    { destination: { ...real, port: 1 } },
    { destination: real, settings },
    { destination: { ...real, address: '10.0.0.3' } },
  ];
  const kernel = tableKernel({ services: [{ service: web, destinations }] });
  const client = await IpvsClient.open({ socket: kernel });
  return { client, kernel, settingsNow: () => kernel.table()[0]?.destinations[1]?.settings };
}

async function withService(settings: ServiceSettingsInput) {
  const kernel = tableKernel({ services: [{ service: web, settings }] });
  const client = await IpvsClient.open({ socket: kernel });
  return { client, kernel, settingsNow: () => kernel.table()[0]?.service.settings };
}

describe('updateDestination', () => {
  test('with weight 0 drains a NAT server and leaves it a NAT server', async () => {
    const { client, kernel, settingsNow } = await withServer({
      forwardingMethod: 'nat',
      weight: 3,
      upperThreshold: 100,
      lowerThreshold: 50,
    });
    await client.updateDestination(web, real, { weight: 0 });
    expect(settingsNow()).toEqual({
      forwardingMethod: 'nat',
      weight: 0,
      upperThreshold: 100,
      lowerThreshold: 50,
      tunnel: undefined,
    });
    expect(kernel.table()[0]?.destinations.map(({ settings }) => settings.weight)).toEqual([
      1, 0, 1,
    ]);
  });

  test('keeps a GUE tunnel with its port and its checksum', async () => {
    const tunnel = { type: 'gue', port: 6080, checksum: 'full' } as const;
    const { client, settingsNow } = await withServer({ forwardingMethod: 'tun', tunnel });
    await client.updateDestination(web, real, { weight: 7 });
    expect(settingsNow()).toMatchObject({ forwardingMethod: 'tun', weight: 7, tunnel });
    await client.updateDestination(web, real, { tunnel: { port: 6081 } });
    expect(settingsNow()?.tunnel).toEqual({ ...tunnel, port: 6081 });
  });

  test('replaces a tunnel by one of another type as a whole', async () => {
    const tunnel = { type: 'gue', port: 6080, checksum: 'full' } as const;
    const { client, settingsNow } = await withServer({ forwardingMethod: 'tun', tunnel });
    await client.updateDestination(web, real, { tunnel: { type: 'gre' } });
    expect(settingsNow()?.tunnel).toEqual({ type: 'gre', port: 0, checksum: 'none' });
    await client.updateDestination(web, real, { tunnel: null });
    expect(settingsNow()?.tunnel).toEqual({ type: 'ipip', port: 0, checksum: 'none' });
  });

  test('takes no notice of what is undefined', async () => {
    const { client, settingsNow } = await withServer({ forwardingMethod: 'nat', weight: 3 });
    const patch = { weight: undefined, forwardingMethod: undefined, tunnel: undefined };
    await client.updateDestination(web, real, { ...patch, upperThreshold: 9 });
    expect(settingsNow()).toMatchObject({
      forwardingMethod: 'nat',
      weight: 3,
      upperThreshold: 9,
    });
  });

  test('is ENOENT without the real server and ESRCH without the service, and writes nothing', async () => {
    const { client, kernel } = await withServer({});
    const facts = { operation: 'updateDestination', destination: { port: 9 } };
    await expect(
      client.updateDestination(web, { ...real, port: 9 }, { weight: 0 }),
    ).rejects.toMatchObject({ ...facts, code: 'ENOENT', service: { port: 80 } });
    await expect(
      client.updateDestination({ firewallMark: 7 }, { ...real, port: 9 }, { weight: 0 }),
    ).rejects.toMatchObject({ ...facts, code: 'ESRCH', service: { firewallMark: 7 } });
    expect(kernel.requests.map(({ command }) => command)).not.toContain('SET_DEST');
  });

  test('does not write a tunnel of an unknown type, which it would turn into another', async () => {
    const ADDR = new Uint8Array(16).fill(1);
    const DEST = { ADDR_FAMILY: 2, ADDR, PORT: 80, FWD_METHOD: 2, WEIGHT: 1, TUN_TYPE: 9 };
    const kernel = fakeKernel((request) =>
      request.isDump ? [data(request, 'NEW_DEST', { DEST }), done(request)] : [ack(request)],
    );
    const client = await IpvsClient.open({ socket: kernel });
    const [found] = await collect(client.destinations(web));
    expect(found?.settings.tunnel?.type).toBe('unknown');
    const server = { address: IpAddress.parse('1.1.1.1'), port: 80 };
    const update = client.updateDestination(web, server, { weight: 0 });
    await expect(update).rejects.toThrow(RangeError);
    await expect(update).rejects.toThrow('tunnel.type');
    const replacement = client.replaceDestination(web, server, found?.settings);
    await expect(replacement).rejects.toThrow('tunnel.type');
    expect(kernel.requests.map(({ command }) => command)).not.toContain('SET_DEST');
  });
});

describe('updateService', () => {
  test('changes what it names and keeps the rest', async () => {
    const { client, settingsNow } = await withService({
      scheduler: 'sh',
      persistence: { timeoutSeconds: 360, netmask: '255.255.255.0' },
      schedulerFlags: [1, 2],
    });
    await client.updateService(web, { scheduler: 'mh', onePacket: undefined });
    await client.updateService(web, { persistence: { timeoutSeconds: 600 } });
    expect(settingsNow()).toEqual({
      scheduler: 'mh',
      persistence: { timeoutSeconds: 600, netmask: IpAddress.parse('255.255.255.0') },
      persistenceEngine: undefined,
      onePacket: false,
      schedulerFlags: [1, 2],
    });
  });

  test('switches persistence and its engine off by null', async () => {
    const { client, settingsNow } = await withService({
      persistence: { timeoutSeconds: 360 },
      persistenceEngine: 'sip',
    });
    await client.updateService(web, { persistence: null });
    expect(settingsNow()).toMatchObject({ persistence: undefined, persistenceEngine: 'sip' });
    await client.updateService(web, { persistenceEngine: null });
    expect(settingsNow()).toMatchObject({ persistence: undefined, persistenceEngine: undefined });
  });

  test('is ESRCH without the service, under its own name', async () => {
    const { client } = await withService({});
    const update = client.updateService({ firewallMark: 7 }, { scheduler: 'rr' });
    await expect(update).rejects.toMatchObject({
      operation: 'updateService',
      code: 'ESRCH',
      service: { firewallMark: 7, family: 'ipv4' },
    });
  });
});

test('what is read can be written back as it is', async () => {
  const { client, settingsNow } = await withServer({ forwardingMethod: 'tun', weight: 2 });
  const before = settingsNow();
  const [service] = await collect(client.services());
  const found = (await collect(client.destinations(web)))[1];
  if (service === undefined || found === undefined) throw new Error('nothing to write back');
  await client.replaceService(service.id, service.settings);
  await client.replaceDestination(service.id, found.id, found.settings);
  expect(settingsNow()).toEqual(before);
});
