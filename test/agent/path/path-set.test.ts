import { expect, test } from 'vitest';
import { readAgentConfig } from '../../../src/agent/config/read-config.js';
import { PathSet } from '../../../src/agent/path/path-set.js';
import { parseState } from '../../../src/state/file/parse.js';
import { fakeClock } from '../../support/fake-clock.js';

const CONFIG = readAgentConfig(
  parseState(`services:
  - service: tcp:192.0.2.1:80
    method: dr
    check: {type: tcp, through: path}
    servers: [10.0.0.2:80, 10.0.0.3:80]`),
);
const FAILED = { passing: false, reason: 'no answer in 2 s' };

function scene() {
  const clock = fakeClock();
  const state = { isIntact: true, hasServices: true, failure: undefined as Error | undefined };
  const calls = { set: 0, looks: 0 };
  const said: string[] = [];
  const paths = new PathSet({
    clock,
    system: {
      set: () => {
        calls.set += 1;
        if (state.failure !== undefined) return Promise.reject(state.failure);
        state.isIntact = true;
        return Promise.resolve();
      },
      isIntact: () => {
        calls.looks += 1;
        return Promise.resolve(state.isIntact);
      },
    },
    hasServices: () => Promise.resolve(state.hasServices),
    onRepaired: () => said.push('repaired'),
    onBroken: (reason) => said.push(reason),
  });
  const failing = paths.guarded({ run: () => Promise.resolve(FAILED) });
  return { clock, state, calls, said, paths, failing };
}

test('a failure counts while all is there; that is looked at once for many of them', async () => {
  const { paths, failing, calls, clock } = scene();
  await paths.use(paths.plan(CONFIG));
  expect(await Promise.all([failing.run(), failing.run(), failing.run()])).toEqual([
    FAILED,
    FAILED,
    FAILED,
  ]);
  expect(calls).toEqual({ set: 1, looks: 1 });
  await failing.run();
  expect(calls.looks).toBe(1);
  await clock.advance(1000);
  await failing.run();
  expect(calls.looks).toBe(2);
});

test('what passes is not looked at', async () => {
  const { paths, calls } = scene();
  await paths.use(paths.plan(CONFIG));
  const passed = { passing: true, reason: 'connected' };
  const probe = paths.guarded({ run: () => Promise.resolve(passed) });
  expect(await probe.run()).toEqual(passed);
  expect(calls.looks).toBe(0);
});

test('a failure does not count when rules or services are gone: they are made again', async () => {
  const { paths, failing, state, said, calls, clock } = scene();
  await paths.use(paths.plan(CONFIG));
  state.isIntact = false;
  expect(await failing.run()).toMatchObject({ isInconclusive: true });
  expect([said, calls.set, state.isIntact]).toEqual([['repaired'], 2, true]);
  await clock.advance(10);
  expect(await failing.run()).toEqual(FAILED);
  await clock.advance(1000);
  state.hasServices = false;
  expect(await failing.run()).toMatchObject({ isInconclusive: true });
});

test('what was asked before the repair does not count either', async () => {
  const { paths, failing, state, clock } = scene();
  await paths.use(paths.plan(CONFIG));
  let settle: (outcome: typeof FAILED) => void = () => undefined;
  const slow = paths.guarded({
    run: () =>
      new Promise((resolve) => {
        settle = resolve;
      }),
  });
  const outcome = slow.run();
  await clock.advance(10);
  state.isIntact = false;
  await failing.run();
  await clock.advance(10);
  settle(FAILED);
  expect(await outcome).toMatchObject({ isInconclusive: true });
});

test('what cannot be repaired is told once, and takes no server out', async () => {
  const { paths, failing, state, said } = scene();
  await paths.use(paths.plan(CONFIG));
  Object.assign(state, { isIntact: false, failure: new Error('nft is gone') });
  for (let run = 0; run < 3; run += 1) {
    expect(await failing.run()).toMatchObject({ isInconclusive: true });
  }
  expect(said).toEqual(['nft is gone']);
});

test('a look that comes while paths are removed does not bring them back', async () => {
  const { paths, failing, state, calls } = scene();
  await paths.use(paths.plan(CONFIG));
  // What a look in between would see.
  state.isIntact = false;
  const removed = paths.use({ paths: [] });
  await Promise.all([removed, failing.run()]);
  expect(calls).toEqual({ set: 2, looks: 1 });
});

test('local ports go round', () => {
  const { paths } = scene();
  const plan = paths.plan(CONFIG);
  const [check] = CONFIG.services[0]?.servers[0]?.checks ?? [];
  if (check === undefined) throw new Error('there is no check');
  const endpoint = plan.endpointOf(check);
  const ports = Array.from({ length: 129 }, () => endpoint.nextPort());
  expect(new Set(ports).size).toBe(128);
  expect(ports[128]).toBe(ports[0]);
  expect(plan.endpointOf(check)).toBe(endpoint);
});
