import { describe, expect, test } from 'vitest';
import type { ServiceConfig } from '../../../src/agent/config/config.js';
import { eventsOf } from '../../../src/agent/health/events.js';
import { at, check, server, service, sorryServer } from './fixtures.js';
import { Scene } from './scene.js';

const two = [server(1, [check('a')]), server(2, [check('b')])];
const place = { time: '2026-01-01T00:00:09.000Z', service: 'tcp:192.0.2.1:80' };

const begin = (more: Partial<ServiceConfig> = {}) => {
  const scene = new Scene(service(two, more)).pass(1, 2);
  scene.decide();
  return scene;
};

function eventsAfter(scene: Scene) {
  const before = scene.memory;
  return eventsOf(scene.config, before, scene.decide(), at(9));
}

describe('an event tells', () => {
  test('that a server goes down, as a warning, and what that makes of its service', () => {
    expect(eventsAfter(begin().fail(1))).toEqual([
      {
        ...place,
        type: 'server',
        severity: 'warning',
        server: '10.0.0.1:80',
        from: 'up',
        to: 'down',
        reason: 'connection refused',
      },
      {
        ...place,
        type: 'service',
        severity: 'warning',
        from: 'ok',
        to: 'degraded',
        reason: '1 of 2 servers up, quorum 1',
      },
    ]);
  });

  test('that a server comes back', () => {
    const scene = begin().fail(1);
    scene.decide();
    expect(eventsAfter(scene.pass(1))).toMatchObject([
      { type: 'server', severity: 'info', from: 'down', to: 'up', reason: 'status 200' },
      { type: 'service', severity: 'info', from: 'degraded', to: 'ok' },
    ]);
  });

  test('that no server is up and all stay in, as an error', () => {
    expect(eventsAfter(begin().fail(1, 2)).at(-1)).toEqual({
      ...place,
      type: 'service',
      severity: 'error',
      from: 'ok',
      to: 'fail-open',
      reason: '0 of 2 servers up, quorum 1; 2 that fail their checks stay in',
    });
  });

  test('that a service is down, as an error', () => {
    const scene = begin({ failOpen: { kind: 'never' } }).fail(1, 2);
    expect(eventsAfter(scene).at(-1)).toMatchObject({
      severity: 'error',
      to: 'down',
      reason: '0 of 2 servers up, quorum 1; none takes connections',
    });
  });

  test('that the sorry server comes in, as a warning, and what it waits for', () => {
    const scene = begin({ sorryServer, hysteresis: 1 }).fail(1, 2);
    expect(eventsAfter(scene).at(-1)).toMatchObject({
      severity: 'warning',
      to: 'sorry',
      reason: '0 of 2 servers up, quorum 1; the sorry server gets all new connections',
    });
  });

  test('that a server is in maintenance, and why', () => {
    expect(eventsAfter(begin().override(2, 'maintenance'))).toEqual([
      {
        ...place,
        type: 'server',
        severity: 'info',
        server: '10.0.0.2:80',
        from: 'up',
        to: 'maintenance',
        reason: 'new memory',
      },
    ]);
  });
});

describe('there is no event', () => {
  test('when nothing has changed', () => {
    expect(eventsAfter(begin().pass(1, 2))).toEqual([]);
  });

  test('of a new service of whose servers nothing is known', () => {
    expect(eventsAfter(new Scene(service(two)))).toEqual([]);
  });
});

test('a new server that passes tells so', () => {
  const scene = new Scene(service(two));
  expect(eventsAfter(scene.pass(1, 2)).map(({ from, to }) => `${from} ${to}`)).toEqual([
    'starting up',
    'starting up',
    'down ok',
  ]);
});

test('a quorum that waits for hysteresis says so', () => {
  const scene = begin({ quorum: { kind: 'servers', count: 1 }, hysteresis: 1 }).fail(1, 2);
  scene.decide();
  expect(eventsAfter(scene.pass(1)).at(-1)).toMatchObject({
    from: 'fail-open',
    to: 'down',
    reason: '1 of 2 servers up, quorum 1, hysteresis not reached yet',
  });
});
