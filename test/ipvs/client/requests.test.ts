/** Changes that are encoded when they are added to a batch, and described from what was encoded. */
import { describe, expect, test } from 'vitest';
import {
  formatDestinationId,
  formatServiceId,
  IpvsClient,
  OperationBatch,
} from '../../../src/index.js';
import type { Operation } from '../../../src/index.js';
import { toDestinationId } from '../../../src/ipvs/model/destination.js';
import { toServiceId } from '../../../src/ipvs/model/service.js';
import { encodeOperation } from '../../../src/ipvs/client/operations.js';
import { ack, done, fakeKernel, refuse } from '../../../src/testing/fake-kernel.js';
import type { Answer } from '../../../src/testing/fake-kernel.js';
import { tableKernel } from '../../../src/testing/table-kernel.js';
import { overTheWire } from '../../../src/testing/over-the-wire.js';

const web = { protocol: 'tcp', address: '192.0.2.1', port: 80 } as const;
const dns6 = { protocol: 'udp', address: '2001:db8::1', port: 53 } as const;
const mark = { firewallMark: 7 } as const;
const mark6 = { firewallMark: 4_294_967_295, family: 'ipv6' } as const;
const four = { address: '10.0.0.2', port: 8080 } as const;
const six = { address: '2001:db8::2', port: 0 } as const;
const tunnel = { forwardingMethod: 'tun', tunnel: { type: 'gre' } } as const;

const services = [web, dns6, mark, mark6];
const places = [
  [web, four],
  [web, six],
  [dns6, six],
  [mark, four],
  [mark6, six],
  [mark6, four],
] as const;

/** Every operation, on every kind of what it can be on. */
const operations: readonly Operation[] = [
  { type: 'flush' },
  { type: 'zeroAll' },
  ...(['addService', 'replaceService', 'deleteService', 'zeroService'] as const).flatMap((type) =>
    services.map((service) => ({ type, service })),
  ),
  ...(['addDestination', 'replaceDestination'] as const).flatMap((type) =>
    places.map(([service, destination]) => ({
      type,
      service,
      destination,
      settings: tunnel,
    })),
  ),
  ...places.map(([service, destination]) => ({
    type: 'deleteDestination' as const,
    service,
    destination,
  })),
];

function batchOf(all: Iterable<Operation>): OperationBatch {
  const batch = new OperationBatch();
  for (const operation of all) batch.add(operation);
  return batch;
}

async function speak(answer: Answer) {
  const kernel = fakeKernel(answer);
  return { kernel, client: await IpvsClient.open({ socket: kernel }) };
}

/** What an operation is about, in words. */
function wordsOf(operation: Operation) {
  return {
    operation: operation.type,
    command: encodeOperation(operation).command,
    service: 'service' in operation ? formatServiceId(toServiceId(operation.service)) : undefined,
    destination:
      'destination' in operation
        ? formatDestinationId(toDestinationId(operation.destination))
        : undefined,
  };
}

test('a batch of nothing sends nothing', async () => {
  const { client, kernel } = await speak((request) => [ack(request)]);
  expect(await client.batch(new OperationBatch())).toEqual({ applied: 0, failures: [] });
  expect(kernel.requests).toEqual([]);
});

test('knows how many operations were added', () => {
  expect(new OperationBatch()).toHaveLength(0);
  expect(batchOf(operations)).toHaveLength(operations.length);
});

test('sends what the single calls send', async () => {
  // Behind it the client looks whether the kernel knew all of it.
  const { client, kernel } = await speak((request) => [
    request.isDump ? done(request) : ack(request),
  ]);
  await client.batch(batchOf(operations));
  const expected = operations.map(encodeOperation);
  expect(kernel.requests.slice(0, operations.length).map(({ command }) => command)).toEqual(
    expected.map(({ command }) => command),
  );
  expect(kernel.requests.slice(0, operations.length).map(({ attributes }) => attributes)).toEqual(
    expected.map(({ attributes }) => overTheWire(attributes)),
  );
});

test.each(operations.map((operation) => [wordsOf(operation), operation] as const))(
  'tells of a refusal what it is about: $operation $service $destination',
  async (words, operation) => {
    const { client } = await speak((request) => [refuse(request, 'ENOMEM')]);
    const batch = batchOf([operation]);
    const [failure] = (await client.batch(batch)).failures;
    const { operation: name, command, service, destination } = failure?.error ?? {};
    expect({
      operation: name,
      command,
      service: service && formatServiceId(service),
      destination: destination && formatDestinationId(destination),
    }).toEqual(words);
    // The same as where the operation itself is at hand.
    const [other] = (await client.batch([operation])).failures;
    expect(failure).toEqual(other);
  },
);

test('tells in which places it was refused, over all groups', async () => {
  const refused = new Set([0, 255, 256, 700]);
  const { client } = await speak((request) => [
    refused.has((request.attributes.SERVICE?.FWMARK ?? 0) - 1)
      ? refuse(request, 'EEXIST')
      : ack(request),
  ]);
  const batch = new OperationBatch();
  for (let index = 0; index < 800; index += 1) {
    batch.add({ type: 'addService', service: { firewallMark: index + 1 } });
  }
  const { applied, failures } = await client.batch(batch);
  expect(applied).toBe(796);
  expect(failures.map(({ index, error }) => [index, error.service])).toEqual(
    [...refused].map((index) => [index, { firewallMark: index + 1, family: 'ipv4' }]),
  );
});

describe('an operation whose value does not fit', () => {
  const bad: readonly Operation[] = [
    { type: 'addService', service: { firewallMark: 0 } },
    { type: 'addService', service: { ...web, port: 65_536 } },
    { type: 'addService', service: web, settings: { scheduler: 'x'.repeat(16) } },
    { type: 'addService', service: { ...web, address: 'nowhere' } },
    {
      type: 'addDestination',
      service: web,
      destination: four,
      settings: { upperThreshold: -1 },
    },
    { type: 'deleteDestination', service: web, destination: { ...four, port: 1.5 } },
  ];

  test.each(bad)('is not added, and the batch is as it was before: %j', async (operation) => {
    const batch = batchOf([{ type: 'addService', service: mark }]);
    expect(() => {
      batch.add(operation);
    }).toThrow(RangeError);
    expect(batch).toHaveLength(1);
    batch.add({ type: 'addDestination', service: mark, destination: four });
    const kernel = tableKernel();
    const client = await IpvsClient.open({ socket: kernel });
    expect(await client.batch(batch)).toEqual({ applied: 2, failures: [] });
    expect(kernel.table()).toMatchObject([
      { service: { id: { firewallMark: 7 } }, destinations: [{ id: { port: 8080 } }] },
    ]);
  });

  test.each(bad)('sends nothing of an array that it is in: %j', async (operation) => {
    const { client, kernel } = await speak((request) => [ack(request)]);
    const batch = client.batch([{ type: 'flush' }, operation]);
    await expect(batch).rejects.toThrow(RangeError);
    expect(kernel.requests).toEqual([]);
  });
});

describe('a batch that is sent again', () => {
  const additions: readonly Operation[] = [
    { type: 'addService', service: web },
    { type: 'addDestination', service: web, destination: four },
  ];

  test('does the same again', async () => {
    const kernel = tableKernel();
    const client = await IpvsClient.open({ socket: kernel });
    const batch = batchOf(additions);
    expect((await client.batch(batch)).applied).toBe(2);
    const again = await client.batch(batch);
    expect(again.failures.map(({ index, error }) => [index, error.code])).toEqual([
      [0, 'EEXIST'],
      [1, 'EEXIST'],
    ]);
    await client.flush();
    expect((await client.batch(batch)).applied).toBe(2);
  });

  test('by another client does the same there', async () => {
    const batch = batchOf(additions);
    for (let count = 0; count < 2; count += 1) {
      const client = await IpvsClient.open({ socket: tableKernel() });
      expect((await client.batch(batch)).applied).toBe(2);
    }
  });

  test('with more has the more behind', async () => {
    const kernel = tableKernel();
    const client = await IpvsClient.open({ socket: kernel });
    const batch = batchOf(additions);
    await client.batch(batch);
    batch.add({ type: 'deleteService', service: web });
    expect((await client.batch(batch)).failures.map(({ index }) => index)).toEqual([0, 1]);
    expect(kernel.table()).toEqual([]);
  });

  test('while it is still sent is sent as it is', async () => {
    const kernel = tableKernel();
    const client = await IpvsClient.open({ socket: kernel });
    const batch = batchOf(additions);
    const outcomes = await Promise.all([client.batch(batch), client.batch(batch)]);
    expect(outcomes.map(({ applied }) => applied)).toEqual([2, 0]);
  });
});

test('a batch comes to the same as the operations of which it was made', async () => {
  const sent = [
    { type: 'flush' },
    { type: 'addService', service: web, settings: { scheduler: 'rr' } },
    { type: 'addService', service: web },
    { type: 'addDestination', service: web, destination: six, settings: tunnel },
    { type: 'addDestination', service: web, destination: four },
    { type: 'replaceDestination', service: web, destination: four, settings: { weight: 9 } },
    { type: 'deleteDestination', service: web, destination: six },
    { type: 'deleteService', service: mark },
    { type: 'zeroService', service: mark6 },
  ] as const satisfies readonly Operation[];
  const [one, other] = [tableKernel(), tableKernel()];
  const fromBatch = await (await IpvsClient.open({ socket: one })).batch(batchOf(sent));
  const fromArray = await (await IpvsClient.open({ socket: other })).batch(sent);
  expect(fromBatch).toEqual(fromArray);
  expect(fromBatch.failures.map(({ index, error }) => [index, error.code])).toEqual([
    [2, 'EEXIST'],
    [7, 'ESRCH'],
    [8, 'ESRCH'],
  ]);
  expect(one.table()).toEqual(other.table());
  expect(one.table()).toHaveLength(1);
});

test('a batch that an old kernel does not understand fails with what is missing', async () => {
  const kernel = tableKernel({ release: '5.1' });
  const client = await IpvsClient.open({ socket: kernel });
  const batch = batchOf([
    { type: 'addService', service: web },
    { type: 'addDestination', service: web, destination: four, settings: tunnel },
    { type: 'addDestination', service: web, destination: { ...four, port: 1 } },
  ]);
  const { applied, failures } = await client.batch(batch);
  expect(applied).toBe(2);
  expect(failures).toMatchObject([
    {
      index: 1,
      error: { code: 'ENOSYS', operation: 'addDestination', destination: { port: 8080 } },
    },
  ]);
  expect(kernel.table()[0]?.destinations.map(({ id }) => id.port)).toEqual([1]);
});
