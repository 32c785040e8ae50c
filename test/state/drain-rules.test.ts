import { describe, expect, test } from 'vitest';
import { parseDestinationId, parseServiceId } from '../../src/ipvs/model/selectors.js';
import {
  drainedServer,
  drainObstacles,
  isDraining,
  pauseBefore,
} from '../../src/state/drain-rules.js';
import type { DrainConditions } from '../../src/state/drain-rules.js';

const destination = parseDestinationId('10.0.0.2:80');
const target = { service: parseServiceId('tcp:192.0.2.1:80'), destination };

function server(active: number, inactive: number, persistent: number, weight = 0) {
  return {
    id: destination,
    settings: {
      forwardingMethod: 'nat',
      weight,
      upperThreshold: 0,
      lowerThreshold: 0,
      tunnel: undefined,
    },
    activeConnections: active,
    inactiveConnections: inactive,
    persistentConnections: persistent,
  } as const;
}

describe('a real server of weight 0', () => {
  test.each([
    [0, 0, true],
    [1, 0, false],
    [0, 1, false],
  ])('with %i active and %i inactive connections is drained: %s', (active, inactive, drained) => {
    const found = drainedServer(target, server(active, inactive, 0), false);
    expect(found).toMatchObject({ drained, gone: false, active, inactive });
    expect(isDraining(found)).toBe(!drained);
  });

  test('of a persistent service is drained when its templates are gone too', () => {
    expect(drainedServer(target, server(0, 0, 2), true)).toMatchObject({
      drained: false,
      templates: 2,
    });
    expect(drainedServer(target, server(0, 0, 0), true).drained).toBe(true);
  });

  test('of a service that is not persistent does not wait for templates of former days', () => {
    expect(drainedServer(target, server(0, 0, 2), false)).toMatchObject({
      drained: true,
      templates: 0,
    });
  });

  test('that is gone is drained', () => {
    expect(drainedServer(target, undefined, true)).toMatchObject({ drained: true, gone: true });
  });
});

test('a real server that has got a weight again is neither drained nor waited for', () => {
  const found = drainedServer(target, server(0, 0, 0, 3), false);
  expect(found).toMatchObject({ drained: false, weight: 3 });
  expect(isDraining(found)).toBe(false);
});

describe('the next look', () => {
  test.each([
    [0, 60_000, 250],
    [5000, 60_000, 500],
    [30_000, 60_000, 1000],
    [59_900, 60_000, 100],
    [70_000, 60_000, 0],
  ])('after %i of %i ms comes in %i ms', (elapsed, timeout, wanted) => {
    expect(pauseBefore(elapsed, timeout)).toBe(wanted);
  });
});

describe('waiting may be in vain', () => {
  const plain: DrainConditions = {
    settings: { persistence: undefined },
    timeoutSeconds: 300,
    expireQuiescentTemplate: 0,
  };
  const persistent = (timeoutSeconds: number, expireQuiescentTemplate: number | undefined) => ({
    ...plain,
    settings: { persistence: { timeoutSeconds } },
    expireQuiescentTemplate,
  });
  const busy = drainedServer(target, server(1, 0, 1), true);
  const udp = { ...target, service: parseServiceId('udp:192.0.2.1:53') };

  test('not with TCP alone', () => {
    expect(drainObstacles(busy, plain)).toEqual([]);
  });

  test('with persistence, because templates of servers of weight 0 still count', () => {
    expect(drainObstacles(busy, persistent(60, 0))).toEqual(['templatesStay']);
  });

  test('with persistence, because templates outlive the time', () => {
    expect(drainObstacles(busy, persistent(301, 1))).toEqual(['templatesOutlive']);
    expect(drainObstacles(busy, persistent(301, undefined))).toEqual(['templatesOutlive']);
    expect(drainObstacles(busy, persistent(300, 1))).toEqual([]);
  });

  test('with UDP, because an entry has no end', () => {
    expect(drainObstacles(drainedServer(udp, server(0, 3, 0), false), plain)).toEqual(['udp']);
    expect(drainObstacles(drainedServer(udp, server(0, 0, 0), false), plain)).toEqual([]);
  });

  test('for nobody who is drained already', () => {
    expect(drainObstacles(drainedServer(target, undefined, true), persistent(60, 0))).toEqual([]);
  });
});
