import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { IpvsClient } from '../../src/ipvs/client/client.js';
import type { ServiceEntry } from '../../src/ipvs/client/client.js';
import type { Operation } from '../../src/ipvs/client/operations.js';
import { compareServices, formatServiceId } from '../../src/ipvs/model/service.js';
import { diff as twoSteps } from '../../src/state/diff.js';
import { asWanted, WantedTable } from '../../src/state/table.js';
import type { WantedService } from '../../src/state/table.js';
import { tableKernel } from '../../src/testing/table-kernel.js';

/** A table somebody wants, and the way to it, against a kernel that is a function. */

const service = fc.constantFrom(
  { firewallMark: 7 },
  { firewallMark: 8 },
  { protocol: 'tcp', address: '192.0.2.1', port: 80 } as const,
  { protocol: 'udp', address: '192.0.2.1', port: 80 } as const,
);
const destination = fc.constantFrom(
  { address: '10.0.0.2', port: 80 },
  { address: '10.0.0.3', port: 80 },
  { address: '10.0.0.3', port: 81 },
);
const serviceSettings = fc.constantFrom(
  {},
  { scheduler: 'rr' },
  { scheduler: 'sh', schedulerFlags: [2, 1] as const },
  { persistence: { timeoutSeconds: 30 } },
  { persistence: { timeoutSeconds: 31 }, persistenceEngine: 'sip' },
);
const destinationSettings = fc.constantFrom(
  {},
  { weight: 0 },
  { forwardingMethod: 'nat', upperThreshold: 9 } as const,
  { forwardingMethod: 'tun' } as const,
  { forwardingMethod: 'tun', tunnel: { type: 'gue', port: 6080 } } as const,
);
const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 1, arbitrary: fc.constant<Operation>({ type: 'flush' }) },
  {
    weight: 20,
    arbitrary: fc.record({
      type: fc.constantFrom('addService', 'replaceService'),
      service,
      settings: serviceSettings,
    }),
  },
  { weight: 5, arbitrary: fc.record({ type: fc.constant('deleteService'), service }) },
  {
    weight: 60,
    arbitrary: fc.record({
      type: fc.constantFrom('addDestination', 'replaceDestination'),
      service,
      destination,
      settings: destinationSettings,
    }),
  },
  {
    weight: 10,
    arbitrary: fc.record({ type: fc.constant('deleteDestination'), service, destination }),
  },
);
const operations = fc.array(operation, { maxLength: 40 });

/** Comparable, whatever the order and the counters. */
function inOrder(table: readonly WantedService[]) {
  return [...table]
    .sort(
      (a, b) =>
        compareServices(a.id, b.id) || formatServiceId(a.id).localeCompare(formatServiceId(b.id)),
    )
    .map(({ id, settings, destinations }) => ({
      id,
      settings,
      destinations: destinations
        .map((one) => ({ id: one.id, settings: one.settings }))
        .sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b))),
    }));
}

function wantedOf(steps: readonly Operation[]): WantedService[] {
  const table = new WantedTable();
  for (const step of steps) table.apply(step);
  return table.services();
}

/** All operations, in order. */
function diff(before: readonly WantedService[], after: readonly WantedService[]) {
  const { changes, deletions } = twoSteps(before, after);
  return [...changes, ...deletions];
}

const tableOf = (entries: readonly ServiceEntry[]) => inOrder(entries.map(asWanted));

describe('what operations would make of an empty table', () => {
  test('is what the kernel makes of it, refusals included', async () => {
    await fc.assert(
      fc.asyncProperty(operations, async (steps) => {
        const kernel = tableKernel();
        const client = await IpvsClient.open({ socket: kernel });
        const { failures } = await client.batch(steps);
        client.close();
        const table = new WantedTable();
        const refused = steps.flatMap((step, index) => {
          const refusal = table.apply(step);
          return refusal === undefined ? [] : [{ index, code: refusal.code, errno: refusal.errno }];
        });
        expect(refused).toEqual(
          failures.map(({ index, error: { code, errno } }) => ({ index, code, errno })),
        );
        expect(inOrder(table.services())).toEqual(tableOf(kernel.table()));
      }),
    );
  });

  test('counts no counters', () => {
    const table = new WantedTable();
    expect(table.apply({ type: 'zeroAll' })).toBeUndefined();
    expect(table.services()).toEqual([]);
  });
});

describe('the way from one table to another', () => {
  test('ends there, with every step accepted', async () => {
    await fc.assert(
      fc.asyncProperty(operations, operations, async (first, second) => {
        const kernel = tableKernel();
        const client = await IpvsClient.open({ socket: kernel });
        await client.batch(first);
        const wanted = wantedOf(second);
        const outcome = await client.batch(diff(kernel.table().map(asWanted), wanted));
        client.close();
        expect(outcome.failures).toEqual([]);
        expect(tableOf(kernel.table())).toEqual(inOrder(wanted));
      }),
    );
  });

  test('is empty when nothing is to change', () => {
    fc.assert(
      fc.property(operations, (steps) => {
        const wanted = wantedOf(steps);
        expect(diff(wanted, wanted)).toEqual([]);
      }),
    );
  });

  test('leaves no service that stays without real servers on the way', () => {
    fc.assert(
      fc.property(operations, operations, (first, second) => {
        const [before, after] = [wantedOf(first), wantedOf(second)];
        const served = (table: readonly WantedService[]) =>
          table.filter((one) => one.destinations.length > 0).map(({ id }) => formatServiceId(id));
        const stay = served(before).filter((name) => served(after).includes(name));
        const table = new WantedTable();
        for (const step of [...diff([], before), ...diff(before, after)]) {
          const started = stay.every((name) => served(table.services()).includes(name));
          table.apply(step);
          if (started) expect(served(table.services())).toEqual(expect.arrayContaining(stay));
        }
      }),
    );
  });

  test('takes a real server that the kernel found to be this machine for one by direct routing', () => {
    const [wanted] = wantedOf([
      { type: 'addService', service: { firewallMark: 7 } },
      {
        type: 'addDestination',
        service: { firewallMark: 7 },
        destination: { address: '127.0.0.1', port: 0 },
      },
    ]);
    if (wanted === undefined) throw new Error('there is one');
    const local = wanted.destinations.map((one) => ({
      ...one,
      settings: { ...one.settings, forwardingMethod: 'local' as const },
    }));
    expect(diff([{ ...wanted, destinations: local }], [wanted])).toEqual([]);
  });
});
