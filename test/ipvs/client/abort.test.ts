import { expect, test } from 'vitest';
import { IpvsClient } from '../../../src/ipvs/client/client.js';
import { data, done, fakeKernel, nextDatagram } from '../../../src/testing/fake-kernel.js';
import type { FakeRequest } from '../../../src/testing/fake-kernel.js';
import { tableKernel } from '../../../src/testing/table-kernel.js';

const web = { protocol: 'tcp', address: '192.0.2.1', port: 80 } as const;

async function drain(entries: AsyncGenerator): Promise<void> {
  while ((await entries.next()).done !== true);
}

/** Calls of each kind: a query, dumps, a batch, the reader of connections. */
const calls: readonly (readonly [
  string,
  (client: IpvsClient, signal: AbortSignal) => Promise<unknown>,
])[] = [
  ['info', (client, signal) => client.info({ signal })],
  ['services', (client, signal) => drain(client.services({ signal }))],
  ['destinations of one', (client, signal) => drain(client.destinations(web, { signal }))],
  ['destinations of many', (client, signal) => drain(client.destinations([web], { signal }))],
  ['addService', (client, signal) => client.addService(web, {}, { signal })],
  ['batch', (client, signal) => client.batch([{ type: 'flush' }], { signal })],
  ['connections', (client, signal) => drain(client.connections({ signal }))],
];

test.each(calls)(
  '%s rejects with the reason of an aborted signal as it is',
  async (_name, call) => {
    await using client = await IpvsClient.open({
      socket: tableKernel({ services: [{ service: web }] }),
    });
    for (const reason of ['shutdown', new Error('enough'), 0]) {
      await expect(call(client, AbortSignal.abort(reason))).rejects.toBe(reason);
    }
  },
);

test('a call that is aborted while it waits for its turn rejects with the reason as it is', async () => {
  const service = (request: FakeRequest, FWMARK: number) =>
    data(request, 'NEW_SERVICE', { SERVICE: { AF: 2, FWMARK } });
  const kernel = fakeKernel((request) => [
    ...Array.from({ length: 100 }, (_, index) => [
      service(request, index + 1),
      nextDatagram,
    ]).flat(),
    done(request),
  ]);
  await using client = await IpvsClient.open({ socket: kernel });
  const controller = new AbortController();
  const walk = drain(client.services());
  const waiting = client.info({ signal: controller.signal });
  controller.abort('shutdown');
  await expect(waiting).rejects.toBe('shutdown');
  await walk;
  expect(kernel.requests.map(({ command }) => command)).toEqual(['GET_SERVICE', 'GET_SERVICE']);
});
