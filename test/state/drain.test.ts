import { describe, expect, test } from 'vitest';
import { IpvsClient } from '../../src/ipvs/client/client.js';
import { IpvsError } from '../../src/ipvs/errors.js';
import { drain } from '../../src/state/drain.js';
import { tableKernel } from '../../src/testing/table-kernel.js';
import type { PresetDestination, PresetService } from '../../src/testing/presets.js';
import type { TableKernelOptions } from '../../src/testing/table-kernel.js';

const web = 'tcp:192.0.2.1:80';
const tls = 'tcp:192.0.2.1:443';
const server = '10.0.0.2:80';
const busy: PresetDestination = {
  destination: server,
  settings: { forwardingMethod: 'nat', weight: 3 },
  activeConnections: 2,
};
const quick = { pollMs: 1, timeoutMs: 60_000 };

async function open(services: readonly PresetService[], options: TableKernelOptions = {}) {
  const kernel = tableKernel({ services, ...options });
  return { kernel, client: await IpvsClient.open({ socket: kernel }) };
}

describe('draining', () => {
  test('sets the weight to 0, leaves the rest, and ends at once where nobody is', async () => {
    const { client, kernel } = await open([
      { service: web, destinations: [{ ...busy, activeConnections: 0 }] },
    ]);
    expect(await drain(client, [{ service: web, destination: server }])).toMatchObject([
      { drained: true, gone: false, weight: 0 },
    ]);
    expect(kernel.table()[0]?.destinations[0]?.settings).toMatchObject({
      forwardingMethod: 'nat',
      weight: 0,
    });
  });

  test('waits for connections, says how far it is, and gives up when the time is over', async () => {
    const { client } = await open([{ service: web, destinations: [busy] }]);
    const seen: number[] = [];
    const [found] = await drain(client, [{ service: web, destination: server }], {
      timeoutMs: 20,
      pollMs: 5,
      onProgress: ({ servers }) => void seen.push(servers[0]?.active ?? -1),
    });
    expect(found).toMatchObject({ drained: false, weight: 0, active: 2 });
    expect(seen.length).toBeGreaterThan(1);
    expect(new Set(seen)).toEqual(new Set([2]));
  });

  test('counts as done where the server or the service is deleted meanwhile', async () => {
    const services = [web, tls].map((service) => ({ service, destinations: [busy] }));
    const { client } = await open(services);
    const targets = services.map(({ service }) => ({ service, destination: server }));
    let looks = 0;
    const found = await drain(client, targets, {
      ...quick,
      onProgress: async () => {
        looks += 1;
        if (looks === 2) await client.deleteDestination(web, server);
        if (looks === 3) await client.deleteService(tls);
      },
    });
    expect(found).toMatchObject([
      { drained: true, gone: true },
      { drained: true, gone: true },
    ]);
    expect(looks).toBe(4);
  });

  test('ends for a server that somebody gives a weight again', async () => {
    const { client } = await open([{ service: web, destinations: [busy] }]);
    const found = await drain(client, [{ service: web, destination: server }], {
      ...quick,
      onProgress: () => client.updateDestination(web, server, { weight: 7 }),
    });
    expect(found).toMatchObject([{ drained: false, weight: 7 }]);
  });

  test('waits for the templates of a persistent service', async () => {
    const destinations = [{ ...busy, activeConnections: 0, persistentConnections: 1 }];
    const settings = { persistence: { timeoutSeconds: 60 } };
    const { client } = await open([
      { service: web, settings, destinations },
      { service: tls, destinations },
    ]);
    const targets = [web, tls].map((service) => ({ service, destination: server }));
    expect(await drain(client, targets, { timeoutMs: 5 })).toMatchObject([
      { drained: false, templates: 1 },
      { drained: true, templates: 0 },
    ]);
  });

  test('ends with the reason of a signal, and leaves the weight at 0', async () => {
    const { client, kernel } = await open([{ service: web, destinations: [busy] }]);
    const controller = new AbortController();
    const waiting = drain(client, [{ service: web, destination: server }], {
      signal: controller.signal,
      onProgress: () => {
        controller.abort(new Error('enough'));
      },
    });
    await expect(waiting).rejects.toThrow('enough');
    expect(kernel.table()[0]?.destinations[0]?.settings.weight).toBe(0);
  });

  test('reads only the services that are named', async () => {
    const destinations = [{ ...busy, activeConnections: 0 }];
    const { client, kernel } = await open([web, tls].map((service) => ({ service, destinations })));
    await drain(client, [{ service: web, destination: server }]);
    const read = kernel.requests.filter(({ command }) => command === 'GET_DEST');
    expect(read.map(({ attributes }) => attributes.SERVICE?.PORT)).toEqual([80, 80]);
  });

  test('fails when a weight cannot be set', async () => {
    const { client } = await open([{ service: web, destinations: [busy] }], {
      refuse: ({ command }) => (command === 'SET_DEST' ? 'ENOMEM' : undefined),
    });
    const failed = drain(client, [{ service: web, destination: server }]);
    await expect(failed).rejects.toThrow(IpvsError);
  });

  test.each([{ timeoutMs: -1 }, { timeoutMs: NaN }, { timeoutMs: 2 ** 31 }, { pollMs: 0 }])(
    'refuses %o before anything is changed',
    async (options) => {
      const { client, kernel } = await open([{ service: web, destinations: [busy] }]);
      const refused = drain(client, [{ service: web, destination: server }], options);
      await expect(refused).rejects.toThrow(RangeError);
      expect(kernel.table()[0]?.destinations[0]?.settings.weight).toBe(3);
    },
  );
});
