import { describe, expect, test } from 'vitest';
import type { ServiceConfig } from '../../../src/agent/config/config.js';
import { adoptChecks, adoptService } from '../../../src/agent/health/adopt.js';
import { newCheckHealth } from '../../../src/agent/health/check-health.js';
import type { ServiceMemory } from '../../../src/agent/health/health.js';
import {
  at,
  check,
  failed,
  server,
  serverKey,
  service,
  sorryKey,
  sorryServer,
  wallAt,
} from './fixtures.js';
import { Scene, summary } from './scene.js';

const a = check('a');
const b = check('b');
const two = service([server(1, [a], 3), server(2, [b], 3)]);

const table = (weights: Readonly<Record<string, number>>) => ({
  servers: new Map(Object.entries(weights)),
});

/** The first decision after a start. */
function started(
  config: ServiceConfig,
  weights: Readonly<Record<string, number>> | undefined,
  remembered?: ServiceMemory,
): Scene {
  const observed = weights && table(weights);
  const scene = new Scene(config, adoptService(config, observed, remembered, at(0)));
  scene.checks = adoptChecks([{ config, observed }], new Map());
  return scene;
}

const [one, other] = [serverKey(1), serverKey(2)];

describe('at the start of the agent, without anything remembered', () => {
  test('a server that gets connections is up, and its check is assumed to pass', () => {
    const scene = started(two, { [one]: 3, [other]: 3 });
    expect(summary(scene.decide())).toBe('up 3, up 3');
    expect(scene.decide()).toMatchObject({ state: 'ok', againAtMs: undefined });
    expect(scene.decide().servers[0]?.reason).toBe('it was in the table when the agent started');
    expect(scene.checks.get('a')).toEqual(newCheckHealth('assumed'));
  });

  test('it goes after as many failures as always', () => {
    const scene = started(two, { [one]: 3, [other]: 3 });
    scene.result('a', failed()).result('a', failed());
    expect(summary(scene.decide())).toBe('up 3, up 3');
    expect(summary(scene.result('a', failed()).decide())).toBe('down 0, up 3');
  });

  test('a server of weight 0, or one that is not in the table, is starting', () => {
    const scene = started(two, { [one]: 0 });
    expect(summary(scene.decide())).toBe('starting 0, starting 0');
    expect(scene.checks.get('a')).toEqual(newCheckHealth('unknown'));
    expect(summary(scene.pass(1).decide())).toBe('up 3, starting 0');
  });

  test('a server that is wanted with weight 0 and has it is as it should be', () => {
    const config = service([server(1, [a], 0)], { onFailure: 'remove' });
    expect(summary(started(config, { [one]: 0 }).decide())).toBe('up 0');
  });

  test('a service that the kernel does not have begins with nothing, which is no event', () => {
    const scene = started(two, undefined);
    expect(scene.memory?.state).toBe('down');
    expect(summary(scene.decide())).toBe('starting 0, starting 0');
  });

  test('with `initial: up`, a server that is not in the table is new, and up', () => {
    const config = service(two.servers, { initial: 'up' });
    expect(summary(started(config, { [one]: 0 }).decide())).toBe('starting 0, up 3');
  });

  test('a shared check is assumed to pass, but lets in only those that were in', () => {
    const config = service([server(1, [a], 3), server(2, [a], 3)]);
    const scene = started(config, { [one]: 3, [other]: 0 });
    expect(summary(scene.decide())).toBe('up 3, starting 0');
    expect(summary(scene.pass(1).decide())).toBe('up 3, up 3');
  });

  test.each(['quiet', 'remove'] as const)(
    'the sorry server stays in where it was, and the others as they were, with onFailure %s',
    (onFailure) => {
      const config = service(two.servers, { sorryServer, hysteresis: 1, onFailure });
      const scene = started(config, { [one]: 0, [other]: 0, [sorryKey]: 1 });
      expect(scene.memory).toMatchObject({ isQuorumLost: true, state: 'sorry' });
      expect(summary(scene.decide())).toBe('starting 0, starting 0');
      expect(scene.decide().isSorryIn).toBe(true);
      expect(scene.pass(1).decide().isSorryIn).toBe(true);
      expect(scene.pass(2).decide().isSorryIn).toBe(false);
    },
  );

  test('a sorry server beside others that get connections has not taken over', () => {
    const config = service(two.servers, { sorryServer, hysteresis: 1 });
    const scene = started(config, { [one]: 3, [other]: 0, [sorryKey]: 1 });
    expect(scene.decide()).toMatchObject({ isSorryIn: false, isQuorumMet: true });
  });
});

describe('at the start of the agent, what is remembered goes before the table', () => {
  const earlier = (config: ServiceConfig) => {
    const scene = new Scene(config).pass(1, 2);
    scene.decide();
    scene.wait(5).fail(2).decide();
    return scene;
  };

  test('a server that was down is down, since when it was', () => {
    const before = earlier(two);
    const { servers } = started(two, { [one]: 3, [other]: 0 }, before.memory).decide();
    expect(servers[1]).toMatchObject({
      state: 'down',
      weight: 0,
      sinceWallMs: wallAt(5),
      reason: 'connection refused',
    });
  });

  test('servers that fail-open keeps in stay in', () => {
    const before = earlier(two);
    before.fail(1).decide();
    const scene = started(two, { [one]: 3, [other]: 3 }, before.memory);
    expect(scene.decide().state).toBe('fail-open');
    expect(summary(scene.decide())).toBe('down 3, down 3');
  });

  test('a server that was starting and gets connections by now is up', () => {
    const before = new Scene(two);
    before.decide();
    const scene = started(two, { [one]: 3, [other]: 0 }, before.memory);
    expect(summary(scene.decide())).toBe('up 3, starting 0');
  });

  test('a weight goes on growing where it was', () => {
    const config = service(two.servers, { slowStartMs: 10_000 });
    const before = earlier(config);
    before.wait(1).pass(2).decide();
    const memory = adoptService(config, table({ [one]: 3, [other]: 1 }), before.memory, at(11));
    expect(memory.servers.get(other)?.rampFromMs).toBe(at(6).monotonicMs);
  });

  test('times that lie ahead, as those of another boot, are forgotten', () => {
    const config = service(two.servers, { slowStartMs: 10_000 });
    const before = earlier(config);
    before.wait(1).pass(2).decide();
    const memory = adoptService(config, table({}), before.memory, at(-100));
    expect(memory.servers.get(other)).toMatchObject({
      state: 'up',
      rampFromMs: undefined,
      failedAtMs: undefined,
    });
  });

  test('a check keeps its verdict and its counts', () => {
    const known = { ...newCheckHealth('assumed'), verdict: 'passing', contrary: 2 } as const;
    const adopted = adoptChecks(
      [{ config: two, observed: table({ [one]: 3 }) }],
      new Map([['b', known]]),
    );
    expect(adopted).toEqual(
      new Map([
        ['a', newCheckHealth('assumed')],
        ['b', known],
      ]),
    );
  });
});
