import { expect, test } from 'vitest';
import { readAgentConfig } from '../../../src/agent/config/read-config.js';
import { newCheckHealth } from '../../../src/agent/health/check-health.js';
import type { CheckHealth, ServerState } from '../../../src/agent/health/health.js';
import { Readiness } from '../../../src/agent/quorum/readiness.js';
import { parseState } from '../../../src/state/file/parse.js';

const { services } = readAgentConfig(
  parseState(`services:
  - service: tcp:192.0.2.1:80
    method: dr
    check: {type: tcp}
    servers: ['10.0.0.1:80', '10.0.0.2:80', '10.0.0.3:80']`),
);
const [config] = services;
if (config === undefined) throw new Error('there is a service');
const SERVICE = config.key;

function scene() {
  const clock = { nowMs: 100_000 };
  const states: ServerState[] = ['down', 'down', 'down'];
  const checks = new Map<string, CheckHealth>();
  const result = (
    index: number,
    passes: boolean,
    beganMs: number,
    contrary = 0,
    request?: 'down',
  ) => {
    const key = config?.servers[index]?.checks[0]?.key ?? '';
    const at = { monotonicMs: beganMs + 10, wallMs: 0 };
    checks.set(key, {
      ...newCheckHealth('unknown'),
      verdict: passes && request !== undefined ? 'passing' : 'failing',
      contrary,
      ...(request !== undefined && { request: { kind: request } }),
      last: { passing: passes, reason: '', at, durationMs: 10 },
    });
  };
  const decisions = () =>
    new Map([
      [
        SERVICE,
        {
          servers: (config?.servers ?? []).map(({ key }, index) => ({
            ...{ key, state: states[index] ?? 'down', sinceWallMs: 0, reason: '' },
            ...{ isInTable: true, weight: 0 },
          })),
        },
      ],
    ]);
  const readiness = new Readiness(
    {
      configs: new Map([[SERVICE, { servers: config?.servers ?? [] }]]),
      get decisions() {
        return decisions();
      },
      checks,
    },
    () => clock.nowMs,
  );
  return { clock, states, result, readiness, isReady: () => readiness.isReady(SERVICE) };
}

test('a service whose servers are all up is ready at once', () => {
  const { states, isReady } = scene();
  states.fill('up');
  expect(isReady()).toBe(true);
});

test('a server that asks for no clients itself, in a check that passes, is down for good', () => {
  const { clock, states, result, isReady } = scene();
  states.splice(0, 3, 'up', 'down', 'up');
  expect(isReady()).toBe(false);
  clock.nowMs = 101_000;
  result(1, true, 100_500, 0, 'down');
  expect(isReady()).toBe(true);
});

test('what never becomes clear is waited for 15 seconds: a server that flaps does not keep the others from clients', () => {
  const { clock, states, isReady } = scene();
  for (; clock.nowMs < 115_000; clock.nowMs += 1000) {
    states.splice(0, 3, 'up', 'down', clock.nowMs % 2000 === 0 ? 'up' : 'down');
    expect([clock.nowMs, isReady()]).toEqual([clock.nowMs, false]);
  }
  expect(isReady()).toBe(true);
});

test('the wait begins again with each loss of the quorum', () => {
  const { clock, states, readiness, isReady } = scene();
  states.splice(0, 3, 'up', 'starting', 'up');
  expect(isReady()).toBe(false);
  readiness.forget(SERVICE);
  clock.nowMs += 60_000;
  expect(isReady()).toBe(false);
});

test('a service is not ready while a server has no verdict', () => {
  const { states, isReady } = scene();
  states.splice(0, 3, 'up', 'starting', 'up');
  expect(isReady()).toBe(false);
});

test('a server that is down has to fail in a check that began after the last one came up', () => {
  const { clock, states, result, isReady } = scene();
  states.splice(0, 3, 'up', 'down', 'maintenance');
  result(1, false, 99_995);
  expect(isReady()).toBe(false);
  clock.nowMs = 101_000;
  expect(isReady()).toBe(false);
  result(1, false, 100_500);
  expect(isReady()).toBe(true);
});

test('a server that is just coming, and one that came meanwhile, are waited for', () => {
  const { clock, states, result, isReady } = scene();
  states.splice(0, 3, 'up', 'down', 'down');
  expect(isReady()).toBe(false);
  result(1, true, 100_500, 1);
  result(2, false, 100_500);
  expect(isReady()).toBe(false);
  clock.nowMs = 101_000;
  states[1] = 'up';
  expect(isReady()).toBe(false);
  result(2, false, 101_500);
  expect(isReady()).toBe(true);
});

test('a quorum that was lost meanwhile begins again', () => {
  const { clock, states, result, readiness, isReady } = scene();
  states.splice(0, 3, 'up', 'down', 'up');
  expect(isReady()).toBe(false);
  result(1, false, 100_500);
  expect(isReady()).toBe(true);
  readiness.forget(SERVICE);
  clock.nowMs = 110_000;
  expect(isReady()).toBe(false);
  result(1, false, 110_000);
  expect(isReady()).toBe(true);
});
