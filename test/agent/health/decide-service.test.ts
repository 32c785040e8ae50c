import { describe, expect, test } from 'vitest';
import type { ServiceConfig } from '../../../src/agent/config/config.js';
import { check, failed, passed, server, service, sorryServer, wallAt } from './fixtures.js';
import { Scene, summary } from './scene.js';

const a = check('a');
const b = check('b');
const c = check('c');
const d = check('d');
/** Four servers with a check of their own and the weights 1, 2, 3 and 4. */
const four = [server(1, [a], 1), server(2, [b], 2), server(3, [c], 3), server(4, [d], 4)];

const scene = (more: Partial<ServiceConfig> = {}, servers = four) =>
  new Scene(service(servers, more));

describe('the state of a server', () => {
  test('begins as starting, with weight 0, and is up after its first success', () => {
    const one = scene({}, [server(1, [a], 3)]);
    expect(summary(one.decide())).toBe('starting 0');
    expect(summary(one.result('a', passed()).decide())).toBe('up 3');
  });

  test('with `onFailure: remove`, a server that is starting is not in the table', () => {
    const one = scene({ onFailure: 'remove' }, [server(1, [a])]);
    expect(summary(one.decide())).toBe('starting -');
    expect(summary(one.result('a', passed()).decide())).toBe('up 1');
  });

  test('with `initial: up`, it is in at once, until a verdict says that it fails', () => {
    const one = scene({ initial: 'up', failOpen: { kind: 'never' } }, [server(1, [a])]);
    expect(summary(one.decide())).toBe('up 1');
    expect(summary(one.result('a', failed()).result('a', failed()).decide())).toBe('up 1');
    expect(summary(one.result('a', failed()).decide())).toBe('down 0');
  });

  test('all checks of a server must pass', () => {
    const one = scene({}, [server(1, [a, b])]);
    one.result('a', passed());
    expect(summary(one.decide())).toBe('starting 0');
    one.result('b', passed());
    expect(summary(one.decide())).toBe('up 1');
    for (let time = 0; time < 3; time += 1) one.result('b', failed());
    expect(one.decide().servers[0]?.state).toBe('down');
  });

  test('without checks, it is up', () => {
    const [only] = scene({}, [server(1, [])]).decide().servers;
    expect(only).toMatchObject({ state: 'up', weight: 1, reason: 'not checked' });
  });

  test('a check that many servers share decides about all of them', () => {
    const shared = scene({}, [server(1, [a]), server(2, [a]), server(3, [b])]);
    expect(summary(shared.pass(1, 3).decide())).toBe('up 1, up 1, up 1');
    expect(summary(shared.fail(1).decide())).toBe('down 0, down 0, up 1');
  });

  test('a server of weight 0 is up and takes nothing', () => {
    const standby = scene({}, [server(1, [a], 0), server(2, [b])])
      .pass(1, 2)
      .decide();
    expect(summary(standby)).toBe('up 0, up 1');
    expect(standby.state).toBe('ok');
  });
});

describe('a server that is down', () => {
  test('with `onFailure: quiet`, has weight 0, and its connections go on', () => {
    expect(summary(scene().pass(1, 2, 3).fail(4).decide())).toBe('up 1, up 2, up 3, down 0');
  });

  test('with `onFailure: remove`, is not in the table', () => {
    const removed = scene({ onFailure: 'remove' }).pass(1, 2, 3).fail(4).decide();
    expect(summary(removed)).toBe('up 1, up 2, up 3, down -');
  });
});

describe('since and why', () => {
  test('a failure says why, and stays the reason while the check passes again but not often enough', () => {
    const one = scene().pass(1, 2, 3, 4);
    one.decide();
    for (let time = 0; time < 3; time += 1) {
      one.result('a', failed(5, { reason: 'status 503, expected 200-299' }));
    }
    const down = { state: 'down', reason: 'status 503, expected 200-299', sinceWallMs: wallAt(5) };
    expect(one.wait(5).decide().servers[0]).toMatchObject(down);
    one.wait(5).result('a', passed(10));
    expect(one.decide().servers[0]).toMatchObject(down);
    one.result('a', failed(11, { reason: 'no answer in 2 s' }));
    expect(one.decide().servers[0]).toMatchObject({ ...down, reason: 'no answer in 2 s' });
    one.pass(1);
    expect(one.wait(5).decide().servers[0]).toMatchObject({
      state: 'up',
      reason: 'status 200',
      sinceWallMs: wallAt(15),
    });
  });

  test('a failure without a verdict does not become the reason why a server is up', () => {
    const one = scene().pass(1, 2, 3, 4);
    one.decide();
    expect(one.result('a', failed()).decide().servers[0]).toMatchObject({
      state: 'up',
      reason: 'status 200',
    });
  });

  test('a server that is starting tells of the failures it had', () => {
    const one = scene();
    expect(one.decide().servers[0]?.reason).toBe('no check has passed yet');
    expect(one.result('a', failed()).decide().servers[0]?.reason).toBe('connection refused');
  });

  test('stay for as long as what people see stays the same', () => {
    const one = scene().pass(1, 2, 3, 4);
    one.decide();
    const again = one.wait(100).pass(1, 2, 3, 4).decide();
    expect(again.servers.map(({ sinceWallMs }) => sinceWallMs)).toEqual(Array(4).fill(wallAt(0)));
    expect(again.memory.sinceWallMs).toBe(wallAt(0));
  });

  test('of maintenance and drains are those of whoever wanted them', () => {
    const one = scene().pass(1, 2, 3, 4);
    one.decide();
    one.wait(10).override(1, 'maintenance', 'new memory').wait(10);
    expect(one.decide().servers[0]).toMatchObject({
      state: 'maintenance',
      reason: 'new memory',
      sinceWallMs: wallAt(10),
    });
    one.override(1, undefined).wait(10);
    expect(one.decide().servers[0]).toMatchObject({
      state: 'up',
      reason: 'status 200',
      sinceWallMs: wallAt(30),
    });
  });
});

describe('a drain and maintenance go before health', () => {
  test.each(['quiet', 'remove'] as const)('with weight 0, with onFailure %s', (onFailure) => {
    const one = scene({ onFailure }).pass(1, 2, 3).fail(4);
    one.override(1, 'draining').override(4, 'maintenance');
    expect(summary(one.decide())).toBe('draining 0, up 2, up 3, maintenance 0');
  });

  test('they do not degrade a service, but do not count as up either', () => {
    const one = scene().pass(1, 2, 3).fail(4).override(4, 'maintenance').decide();
    expect(one).toMatchObject({ state: 'ok', up: 3 });
  });

  test('no slow start follows: the server was not down', () => {
    const one = scene({ slowStartMs: 30_000 }).pass(1, 2, 3, 4).override(4, 'maintenance');
    one.decide();
    expect(summary(one.override(4, undefined).decide())).toBe('up 1, up 2, up 3, up 4');
  });
});

describe('what a server asks for with `weight: true`', () => {
  const asking = (request: NonNullable<ReturnType<typeof passed>['request']>, weight = 10) =>
    scene({}, [server(1, [a], weight), server(2, [b], 10)])
      .pass(2)
      .result('a', passed(0, { request, reason: 'it said so' }));

  test.each([
    [75, 10, 8],
    [1, 10, 1],
    [100, 10, 10],
    [150, 10, 15],
    [50, 0, 0],
  ])('%i%% of weight %i is %i', (percent, weight, whole) => {
    const one = asking({ kind: 'share', percent }, weight).decide();
    expect(one.servers[0]).toMatchObject({ state: 'up', weight: whole });
  });

  test('no weight is beyond what the kernel takes', () => {
    const one = asking({ kind: 'share', percent: 200 }, 2 ** 31 - 1).decide();
    expect(one.servers[0]?.weight).toBe(2 ** 31 - 1);
  });

  test('drain: weight 0 although it is healthy, and it does not count as up', () => {
    const one = asking({ kind: 'drain' });
    const drained = { state: 'draining', weight: 0, isInTable: true, reason: 'it said so' };
    expect(one.decide().servers[0]).toMatchObject(drained);
    expect(one.decide()).toMatchObject({ state: 'ok', up: 1 });
    one.result('a', failed());
    expect(one.decide().servers[0]).toMatchObject(drained);
  });

  test('0% is a drain', () => {
    expect(summary(asking({ kind: 'share', percent: 0 }).decide())).toBe('draining 0, up 10');
  });

  test('down: at once, without waiting for more results', () => {
    const one = asking({ kind: 'down' });
    expect(one.decide().servers[0]).toMatchObject({ state: 'down', reason: 'it said so' });
    one.result('a', passed(1, { request: { kind: 'ready' } }));
    expect(summary(one.decide())).toBe('up 10, up 10');
  });

  test('of several checks the one that asks for least decides', () => {
    const one = scene({}, [server(1, [a, b, c], 10)]).pass(1);
    one.result('a', passed(0, { request: { kind: 'share', percent: 50 } }));
    one.result('b', passed(0, { request: { kind: 'share', percent: 20 } }));
    expect(summary(one.decide())).toBe('up 2');
  });
});

describe('slow start', () => {
  const slow = () => {
    const one = scene({ slowStartMs: 30_000 }, [server(1, [a], 100), server(2, [b], 2)]);
    one.pass(1, 2);
    return one;
  };
  const weights = (one: Scene) => one.decide().servers.map(({ weight }) => weight);

  test('is not for a server that was starting', () => {
    const one = slow();
    expect(weights(one)).toEqual([100, 2]);
    expect(one.decide().againAtMs).toBeUndefined();
  });

  test('after a server was down, its weight grows from a tenth to all in steps of a second', () => {
    const one = slow();
    one.decide();
    one.fail(1, 2).decide();
    one.wait(60).pass(1, 2);
    expect(weights(one)).toEqual([10, 1]);
    expect(one.decide().againAtMs).toBe(1_000_000 + 61_000);
    expect(weights(one.wait(0.9))).toEqual([10, 1]);
    expect(weights(one.wait(0.1))).toEqual([13, 1]);
    expect(weights(one.wait(9))).toEqual([40, 1]);
    expect(weights(one.wait(19.5))).toEqual([97, 2]);
    expect(one.decide().againAtMs).toBe(1_000_000 + 90_000);
    expect(weights(one.wait(0.5))).toEqual([100, 2]);
    expect(one.decide().againAtMs).toBeUndefined();
  });

  test('begins anew when the server fails meanwhile', () => {
    const one = slow();
    one.decide();
    one.fail(1).decide();
    one.pass(1).decide();
    one.wait(10).fail(1).decide();
    expect(weights(one.pass(1))).toEqual([10, 2]);
  });

  test('ends at once when it leaves the file', () => {
    const one = slow();
    one.decide();
    one.fail(1).decide();
    one.pass(1).decide();
    one.config = { ...one.config, slowStartMs: 0 };
    expect(weights(one)).toEqual([100, 2]);
  });
});

describe('the sorry server', () => {
  const sorry = (more: Partial<ServiceConfig> = {}) =>
    scene({ sorryServer, quorum: { kind: 'servers', count: 2 }, ...more }).pass(1, 2, 3, 4);

  test('comes in when fewer servers than the quorum are up, and then alone gets new connections', () => {
    const one = sorry();
    expect(one.decide()).toMatchObject({ isSorryIn: false, state: 'ok', isQuorumMet: true });
    expect(one.fail(1, 2).decide()).toMatchObject({ isSorryIn: false, state: 'degraded' });
    const lost = one.fail(3).decide();
    expect(lost).toMatchObject({ isSorryIn: true, state: 'sorry', isQuorumMet: false, up: 1 });
    expect(summary(lost)).toBe('down 0, down 0, down 0, up 0');
  });

  test('goes when the quorum is up again', () => {
    const one = sorry().fail(1, 2, 3);
    one.decide();
    const back = one.pass(2).decide();
    expect(back).toMatchObject({ isSorryIn: false, state: 'degraded', isQuorumMet: true });
    expect(summary(back)).toBe('down 0, up 2, down 0, up 4');
  });

  test('with hysteresis, stays until so many more are up', () => {
    const one = sorry({ hysteresis: 1 }).fail(1, 2, 3);
    one.decide();
    expect(one.pass(2).decide()).toMatchObject({ isSorryIn: true, up: 2, quorum: 2 });
    expect(one.pass(3).decide()).toMatchObject({ isSorryIn: false, up: 3 });
    expect(one.fail(3).decide()).toMatchObject({ isSorryIn: false, up: 2 });
  });

  test('can go even if quorum and hysteresis are more than there are servers', () => {
    const one = sorry({ quorum: { kind: 'servers', count: 4 }, hysteresis: 3 }).fail(1);
    expect(one.decide().isSorryIn).toBe(true);
    expect(one.pass(1).decide().isSorryIn).toBe(false);
  });

  test('with `onFailure: remove`, servers that are down stay out of the table', () => {
    const one = sorry({ onFailure: 'remove' }).fail(1, 2, 3).decide();
    expect(summary(one)).toBe('down -, down -, down -, up 0');
  });

  test('leaves nothing to fail-open', () => {
    const one = sorry({ failOpen: { kind: 'share', percent: 100 } })
      .fail(1, 2, 3, 4)
      .decide();
    expect(one.state).toBe('sorry');
    expect(summary(one)).toBe('down 0, down 0, down 0, down 0');
  });
});

describe('a quorum', () => {
  test.each([
    [{ kind: 'servers', count: 3 }, 3],
    [{ kind: 'servers', count: 9 }, 4],
    [{ kind: 'share', percent: 50 }, 2],
    [{ kind: 'share', percent: 51 }, 3],
    [{ kind: 'share', percent: 1 }, 1],
    [{ kind: 'share', percent: 100 }, 4],
  ] as const)('of %o of four servers is %i', (quorum, count) => {
    expect(scene({ quorum }).decide().quorum).toBe(count);
  });

  test('is one where a service has no servers: the sorry server is in', () => {
    expect(scene({ sorryServer }, []).decide()).toMatchObject({
      quorum: 1,
      isQuorumMet: false,
      isSorryIn: true,
    });
  });

  test('that is lost with neither sorry server nor fail-open is down, though the rest goes on', () => {
    const one = scene({ quorum: { kind: 'servers', count: 3 } })
      .pass(1, 2)
      .fail(3, 4)
      .decide();
    expect(one).toMatchObject({ state: 'down', isQuorumMet: false });
    expect(summary(one)).toBe('up 1, up 2, down 0, down 0');
  });
});

describe('fail-open', () => {
  test.each(['quiet', 'remove'] as const)(
    'when no server is up, all are in with their wanted weights, with onFailure %s',
    (onFailure) => {
      const one = scene({ onFailure }).pass(1, 2, 3, 4);
      one.decide();
      one.fail(1, 2, 3).decide();
      const open = one.fail(4).decide();
      expect(open).toMatchObject({ state: 'fail-open', up: 0, isQuorumMet: false });
      expect(summary(open)).toBe('down 1, down 2, down 3, down 4');
    },
  );

  test('ends with the first server that is up', () => {
    const one = scene().fail(1, 2, 3, 4);
    one.decide();
    const back = one.pass(2).decide();
    expect(back.state).toBe('degraded');
    expect(summary(back)).toBe('down 0, up 2, down 0, down 0');
  });

  test('is not for servers in maintenance or draining', () => {
    const one = scene().fail(1, 2, 3, 4).override(1, 'maintenance').override(2, 'draining');
    expect(summary(one.decide())).toBe('maintenance 0, draining 0, down 3, down 4');
  });

  test('waits for a verdict of each server', () => {
    const one = scene();
    expect(one.decide().state).toBe('down');
    expect(summary(one.fail(1, 2, 3).decide())).toBe('down 0, down 0, down 0, starting 0');
    expect(one.fail(4).decide().state).toBe('fail-open');
  });

  test('with `never`, no server is left', () => {
    const one = scene({ failOpen: { kind: 'never' } })
      .fail(1, 2, 3, 4)
      .decide();
    expect(one.state).toBe('down');
    expect(summary(one)).toBe('down 0, down 0, down 0, down 0');
  });

  test('with a share, those that failed last stay in', () => {
    const one = scene({ failOpen: { kind: 'share', percent: 50 } }).pass(1, 2, 3, 4);
    one.decide();
    expect(summary(one.wait(1).fail(1).decide())).toBe('down 0, up 2, up 3, up 4');
    expect(summary(one.wait(1).fail(2).decide())).toBe('down 0, down 0, up 3, up 4');
    const kept = one.wait(1).fail(3).decide();
    expect(kept.state).toBe('fail-open');
    expect(summary(kept)).toBe('down 0, down 0, down 3, up 4');
    // No server is up: all are in.
    expect(summary(one.wait(1).fail(4).decide())).toBe('down 1, down 2, down 3, down 4');
  });

  test('a share is one of the servers that are neither drained nor in maintenance', () => {
    const one = scene({ failOpen: { kind: 'share', percent: 50 } })
      .pass(1)
      .fail(2, 3, 4);
    expect(summary(one.decide())).toBe('up 1, down 2, down 0, down 0');
    one.override(3, 'maintenance').override(4, 'draining');
    expect(summary(one.decide())).toBe('up 1, down 0, maintenance 0, draining 0');
  });
});

describe('the state of a service', () => {
  test('is ok when all servers are up, degraded when some are not', () => {
    const one = scene();
    expect(one.pass(1, 2, 3).decide().state).toBe('degraded');
    expect(one.pass(4).decide().state).toBe('ok');
    expect(one.fail(1).decide().state).toBe('degraded');
  });

  test('is down when no server takes connections', () => {
    expect(scene({}, []).decide().state).toBe('down');
    const one = scene().pass(1, 2, 3, 4);
    for (const index of [1, 2, 3, 4]) one.override(index, 'maintenance');
    expect(one.decide().state).toBe('down');
  });
});
