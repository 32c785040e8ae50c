/** Plans: the least operations, in an order in which no service is without a server. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatDestinationId, toDestinationId } from '../../../src/ipvs/model/destination.js';
import { formatServiceId, toServiceId } from '../../../src/ipvs/model/service.js';
import type { Operation } from '../../../src/ipvs/client/operations.js';
import { diff } from '../../../src/state/diff.js';
import { leaversOf, whileDraining } from '../../../src/state/plan/draining.js';
import { plan } from '../../../src/state/plan/plan.js';
import { asWanted, WantedTable } from '../../../src/state/table.js';
import type { WantedService } from '../../../src/state/table.js';
import { toWantedTable } from '../../../src/state/wanted-table.js';
import { arbitraryTable } from '../../support/arbitrary-table.js';

const WEB = 'tcp:192.0.2.1:80';
const MAIL = 'tcp:192.0.2.1:25';

const web = (...servers: readonly string[]) =>
  toWantedTable([{ service: WEB, destinations: servers.map((destination) => ({ destination })) }]);

/** The table after operations. */
function after(table: readonly WantedService[], operations: readonly Operation[]): WantedService[] {
  const kernel = filled(table);
  for (const operation of operations) expect(kernel.apply(operation)).toBeUndefined();
  return kernel.services();
}

function filled(table: readonly WantedService[]): WantedTable {
  const kernel = new WantedTable();
  const { changes } = diff([], table);
  for (const operation of changes) kernel.apply(operation);
  return kernel;
}

const operationsOf = (steps: ReturnType<typeof plan>['steps']) =>
  steps.map(({ operation }) => operation);

describe('which services go', () => {
  const current = toWantedTable([{ service: WEB }, { service: MAIL }]);
  const going = (request: Omit<Parameters<typeof plan>[0], 'current' | 'wanted'>) =>
    plan({ current, wanted: [], ...request }).steps.map(({ service }) => formatServiceId(service));

  test('none by default, not even without any wanted service', () => {
    expect(going({})).toEqual([]);
  });

  test('those of the owner with owned, and all with all', () => {
    expect(going({ prune: 'owned', owned: new Set([MAIL]) })).toEqual([MAIL]);
    expect(going({ prune: 'owned' })).toEqual([]);
    expect(going({ prune: 'all' })).toEqual([WEB, MAIL]);
  });
});

test('a service that goes is one step, which tells whose connections are lost', () => {
  const current = web('10.0.0.2:80', '10.0.0.3:80');
  const { steps } = plan({ current, wanted: [], prune: 'all' });
  expect(steps.map(({ action, losers }) => [action, losers.length])).toEqual([['remove', 2]]);
});

test('weights of servers that exist are kept if that is asked for, and those of new ones are as wanted', () => {
  const [one, two] = ['10.0.0.2:80', '10.0.0.3:80'] as const;
  const wanted = toWantedTable([
    {
      service: WEB,
      destinations: [one, two].map((destination) => ({
        destination,
        settings: { weight: 9 },
      })),
    },
  ]);
  const { steps } = plan({ current: web(one), wanted, keepWeights: true });
  expect(steps.map(({ action, to }) => [action, to])).toEqual([
    ['add', expect.objectContaining({ weight: 9 }) as unknown],
  ]);
});

test('what takes a step back leads to the table before it', () => {
  const current = web('10.0.0.2:80');
  const wanted = toWantedTable([
    {
      service: WEB,
      settings: { scheduler: 'rr' },
      destinations: [
        { destination: '10.0.0.2:80', settings: { weight: 5 } },
        { destination: '10.0.0.3:80' },
      ],
    },
    { service: MAIL, destinations: [{ destination: '10.0.0.2:25' }] },
  ]);
  const { steps } = plan({ current, wanted });
  const back = steps.toReversed().flatMap(({ undo }) => (undo === undefined ? [] : [undo]));
  expect(back.length).toBe(steps.length);
  expect(after(current, [...operationsOf(steps), ...back])).toEqual(current);
});

describe('any two tables', () => {
  const tables = arbitraryTable.map((entries) => entries.map(asWanted));
  /** Tables that have services and servers in common. */
  const pairs = fc
    .tuple(tables, tables, fc.array(fc.nat(3), { minLength: 50, maxLength: 50 }))
    .map(([one, other, choices]) => {
      const next = () => choices.pop() ?? 1;
      const shared = one.flatMap((service) => {
        if (next() === 0) return [];
        return [{ ...service, destinations: service.destinations.filter(() => next() > 0) }];
      });
      const keys = new Set(shared.map(({ id }) => formatServiceId(id)));
      const others = other.filter(({ id }) => !keys.has(formatServiceId(id)));
      return { current: one, wanted: [...shared, ...others] };
    });

  test('are turned into each other, and planning again finds nothing', () => {
    fc.assert(
      fc.property(pairs, ({ current, wanted }) => {
        const { steps } = plan({ current, wanted, prune: 'all' });
        const reached = after(current, operationsOf(steps));
        expect(plan({ current: reached, wanted, prune: 'all' }).steps).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  test('are turned into each other without a moment in which a service of both has no server', () => {
    fc.assert(
      fc.property(pairs, ({ current, wanted }) => {
        const filledIn = (table: readonly WantedService[]) =>
          table
            .filter(({ destinations }) => destinations.length > 0)
            .map(({ id }) => formatServiceId(id));
        const after = new Set(filledIn(wanted));
        const stay = filledIn(current).filter((service) => after.has(service));
        const kernel = filled(current);
        for (const operation of operationsOf(plan({ current, wanted, prune: 'all' }).steps)) {
          kernel.apply(operation);
          const served = new Set(filledIn(kernel.services()));
          expect(stay.filter((service) => !served.has(service))).toEqual([]);
        }
      }),
      { numRuns: 100 },
    );
  });

  test('while what goes is drained, differ in nothing but servers of weight 0', () => {
    fc.assert(
      fc.property(pairs, ({ current, wanted }) => {
        const desired = wanted.map((service) => ({
          ...service,
          name: undefined,
          health: {},
          destinations: service.destinations.map((server) => ({ ...server, health: {} })),
        }));
        const leavers = leaversOf(plan({ current, wanted, prune: 'all' }), current);
        const meanwhile = whileDraining(desired, current, leavers, () => undefined);
        const { steps } = plan({ current, wanted: meanwhile });
        expect(steps.filter(({ action }) => action === 'remove')).toEqual([]);
        const rest = plan({ current: after(current, operationsOf(steps)), wanted, prune: 'all' });
        expect(rest.steps.filter(({ action }) => action !== 'remove')).toEqual([]);
        for (const { losers } of rest.steps) {
          for (const { settings } of losers) expect(settings.weight).toBe(0);
        }
      }),
      { numRuns: 100 },
    );
  });
});

describe('the number of operations', () => {
  /** Two services of two settings, each with up to two servers of two settings. */
  const SERVICES = [WEB, MAIL];
  const servers = (service: string) =>
    [2, 3].map((host) => `10.0.0.${host}:${service === WEB ? 80 : 25}`);

  function operations(): Operation[] {
    return SERVICES.flatMap((service) => [
      { type: 'deleteService', service } as const,
      ...['rr', 'wlc'].flatMap((scheduler) =>
        (['addService', 'replaceService'] as const).map((type) => {
          return { type, service, settings: { scheduler } };
        }),
      ),
      ...servers(service).flatMap((destination) => [
        { type: 'deleteDestination', service, destination } as const,
        ...[1, 2].flatMap((weight) =>
          (['addDestination', 'replaceDestination'] as const).map((type) => {
            return { type, service, destination, settings: { weight } };
          }),
        ),
      ]),
    ]);
  }

  const keyOf = (table: readonly WantedService[]) =>
    table
      .map(({ id, settings, destinations }) => {
        const those = destinations.map(
          (one) => `${formatDestinationId(one.id)}=${one.settings.weight}`,
        );
        return `${formatServiceId(id)} ${settings.scheduler} ${those.sort().join()}`;
      })
      .sort()
      .join('\n');

  /** Deleting what is wanted would cut its connections. */
  function isHarmful(operation: Operation, wanted: readonly WantedService[]): boolean {
    if (!('service' in operation)) return true;
    const service = wanted.find(
      ({ id }) => formatServiceId(id) === formatServiceId(toServiceId(operation.service)),
    );
    if (operation.type === 'deleteService') return service !== undefined;
    if (operation.type !== 'deleteDestination' || service === undefined) return false;
    const server = formatDestinationId(toDestinationId(operation.destination));
    return service.destinations.some(({ id }) => formatDestinationId(id) === server);
  }

  /** The fewest operations, by trying all: breadth first. */
  function fewest(current: readonly WantedService[], wanted: readonly WantedService[]): number {
    const goal = keyOf(wanted);
    const harmless = operations().filter((operation) => !isHarmful(operation, wanted));
    const seen = new Set([keyOf(current)]);
    let edge = [current];
    for (let count = 0; edge.length > 0; count += 1) {
      if (edge.some((table) => keyOf(table) === goal)) return count;
      const next: (readonly WantedService[])[] = [];
      for (const table of edge) {
        for (const operation of harmless) {
          const kernel = filled(table);
          if (kernel.apply(operation) !== undefined) continue;
          const reached = kernel.services();
          const key = keyOf(reached);
          if (!seen.has(key)) next.push(reached);
          seen.add(key);
        }
      }
      edge = next;
    }
    throw new Error('not reached');
  }

  const small = fc
    .record({
      services: fc.subarray(SERVICES),
      schedulers: fc.tuple(fc.constantFrom('rr', 'wlc'), fc.constantFrom('rr', 'wlc')),
      weights: fc.array(fc.nat(2), { minLength: 4, maxLength: 4 }),
    })
    .map(({ services, schedulers, weights }) =>
      toWantedTable(
        services.map((service) => {
          const place = SERVICES.indexOf(service);
          const destinations = servers(service).flatMap((destination, index) => {
            const weight = weights[2 * place + index] ?? 0;
            return weight === 0 ? [] : [{ destination, settings: { weight } }];
          });
          return { service, settings: { scheduler: schedulers[place] ?? 'rr' }, destinations };
        }),
      ),
    );

  test('is the least that leads there without cutting what stays, as trying all of them shows', () => {
    fc.assert(
      fc.property(small, small, (current, wanted) => {
        const { steps } = plan({ current, wanted, prune: 'all' });
        expect(steps.length).toBe(fewest(current, wanted));
      }),
      { numRuns: 20 },
    );
  });
});
