import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { afterResult, newCheckHealth } from '../../../src/agent/health/check-health.js';
import { decideService } from '../../../src/agent/health/decide-service.js';
import { eventsOf } from '../../../src/agent/health/events.js';
import type { CheckHealth, ServiceMemory } from '../../../src/agent/health/health.js';
import { at, check, failed, passed, server, service } from './fixtures.js';

const RESULTS = 1_000_000;
const SERVERS = 10;

function collectGarbage(): void {
  const { Bun } = globalThis as { Bun?: { gc(isSynchronous: boolean): void } };
  if (Bun !== undefined) Bun.gc(true);
  else {
    setFlagsFromString('--expose-gc');
    (runInNewContext('gc') as () => void)();
  }
}

function usedMiB(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed / 2 ** 20;
}

test(
  'the heap stays flat over a million results of flapping servers',
  { tags: ['long'], timeout: 3_600_000 },
  () => {
    const all = Array.from({ length: SERVERS }, (_, index) => check(`check ${index}`));
    const config = service(
      all.map((one, index) => server(index + 1, [one], 100)),
      { slowStartMs: 10_000, failOpen: { kind: 'share', percent: 50 } },
    );
    const checks = new Map<string, CheckHealth>();
    let before: ServiceMemory | undefined;
    let events = 0;
    let early = 0;
    for (let count = 0; count < RESULTS; count += 1) {
      const one = all[count % SERVERS] ?? check('none');
      const seconds = count / SERVERS;
      // Some passes, some failures, in turns that differ from server to server.
      const isPassing = Math.floor(seconds / 5) % (2 + (count % SERVERS)) !== 0;
      const known = checks.get(one.key) ?? newCheckHealth('unknown');
      const result = (isPassing ? passed : failed)(seconds, { reason: `result ${count}` });
      checks.set(one.key, afterResult(known, one.rules, result));
      const now = at(seconds);
      const decision = decideService({ config, checks, overrides: new Map(), before, now });
      events += eventsOf(config, before, decision, now).length;
      before = decision.memory;
      if (count === RESULTS / 10) early = usedMiB();
    }
    expect(events).toBeGreaterThan(RESULTS / 100);
    expect(usedMiB() - early).toBeLessThan(4);
  },
);
