/** Random histories of a few services: configurations that share checks, and what happens to them. */
import fc from 'fast-check';
import type { CheckConfig, ServiceConfig } from '../../../src/agent/config/config.js';
import type { ServerRequest } from '../../../src/agent/checks/check-type.js';
import { check, server, service, sorryServer } from './fixtures.js';

export const MOST_SERVERS = 5;
export const SERVICES = 2;
const CHECKS = 6;

export type Step =
  | {
      readonly type: 'result';
      readonly check: number;
      readonly passing: boolean;
      readonly request: ServerRequest | undefined;
    }
  /** All checks say the same, as when a switch is broken. */
  | { readonly type: 'all'; readonly passing: boolean; readonly times: number }
  | { readonly type: 'wait'; readonly ms: number }
  | { readonly type: 'setClock'; readonly ms: number }
  | {
      readonly type: 'override';
      readonly service: number;
      readonly server: number;
      readonly kind: 'draining' | 'maintenance' | undefined;
    }
  | { readonly type: 'reload'; readonly file: number }
  | { readonly type: 'restart'; readonly remembers: boolean };

export interface History {
  /** Configurations that may be in force; the first one is at the beginning. */
  readonly files: readonly (readonly ServiceConfig[])[];
  readonly steps: readonly Step[];
}

const checks: fc.Arbitrary<readonly CheckConfig[]> = fc
  .array(
    fc.record({ rise: fc.integer({ min: 1, max: 4 }), fall: fc.integer({ min: 1, max: 4 }) }),
    {
      minLength: CHECKS,
      maxLength: CHECKS,
    },
  )
  .map((all) => all.map((own, index) => check(`check ${index}`, own)));

const percent = fc.constantFrom(1, 10, 30, 34, 50, 75, 100);

const settings: fc.Arbitrary<Partial<ServiceConfig>> = fc.record({
  onFailure: fc.constantFrom('quiet', 'remove'),
  slowStartMs: fc.constantFrom(0, 0, 500, 3000, 4500, 30_000),
  sorryServer: fc.constantFrom(undefined, undefined, sorryServer),
  quorum: fc.oneof(
    fc
      .integer({ min: 1, max: MOST_SERVERS + 1 })
      .map((count) => ({ kind: 'servers', count }) as const),
    percent.map((share) => ({ kind: 'share', percent: share }) as const),
  ),
  hysteresis: fc.constantFrom(0, 0, 1, 2, 9),
  failOpen: fc.oneof(
    fc.constantFrom({ kind: 'none-up' } as const, { kind: 'never' } as const),
    percent.map((share) => ({ kind: 'share', percent: share }) as const),
  ),
  initial: fc.constantFrom('starting', 'starting', 'up'),
});

const weight = fc.constantFrom(0, 1, 1, 3, 10, 100);

function services(all: readonly CheckConfig[]): fc.Arbitrary<readonly ServiceConfig[]> {
  const one = (index: number) =>
    fc
      .record({
        servers: fc.subarray(Array.from({ length: MOST_SERVERS }, (_, number) => number + 1)),
        // Mostly a check of its own, sometimes those of others as well or instead.
        checks: fc.array(
          fc.oneof(fc.constant(undefined), fc.subarray([...all], { maxLength: 3 })),
          {
            minLength: MOST_SERVERS,
            maxLength: MOST_SERVERS,
          },
        ),
        weights: fc.array(weight, { minLength: MOST_SERVERS, maxLength: MOST_SERVERS }),
        settings,
      })
      .map(({ servers, checks: lists, weights, settings: more }) => {
        const configs = servers.map((number) => {
          const own = all.slice(number - 1, number);
          return server(number, lists[number - 1] ?? own, weights[number - 1]);
        });
        return service(configs, more, index);
      });
  return fc.tuple(one(1), one(2)).chain((both) => fc.subarray(both, { minLength: 1 }));
}

const request: fc.Arbitrary<ServerRequest | undefined> = fc.oneof(
  { weight: 12, arbitrary: fc.constant(undefined) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<ServerRequest>(
      { kind: 'ready' },
      { kind: 'drain' },
      { kind: 'down' },
    ),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(0, 1, 33, 50, 100, 150)
      .map((share): ServerRequest => ({ kind: 'share', percent: share })),
  },
);

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 60,
    arbitrary: fc.record({
      type: fc.constant('result'),
      check: fc.nat(CHECKS - 1),
      passing: fc.boolean(),
      request,
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      type: fc.constant('all'),
      passing: fc.boolean(),
      times: fc.integer({ min: 1, max: 4 }),
    }),
  },
  {
    weight: 20,
    arbitrary: fc.record({
      type: fc.constant('wait'),
      ms: fc.constantFrom(1, 100, 500, 999, 1000, 1001, 2500, 10_000, 60_000),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('setClock'),
      ms: fc.constantFrom(-3_600_000, -1, 1, 3_600_000),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant('override'),
      service: fc.nat(SERVICES - 1),
      server: fc.integer({ min: 1, max: MOST_SERVERS }),
      kind: fc.constantFrom(undefined, undefined, 'draining', 'maintenance'),
    }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('reload'), file: fc.nat(2) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('restart'), remembers: fc.boolean() }) },
);

export const history: fc.Arbitrary<History> = checks.chain((all) =>
  fc.record({
    files: fc.array(services(all), { minLength: 3, maxLength: 3 }),
    steps: fc.array(step, { minLength: 1, maxLength: 200, size: 'max' }),
  }),
);
