/** What a router hears of the quorum of directors that BIRD announces. */
import { expect, onTestFinished, test } from 'vitest';
import type { ServiceState } from '../../../src/agent/health/health.js';
import { useLab } from '../../support/director.js';
import {
  CONNECTIONS,
  ended,
  routeIs,
  talkGoesOn,
  TARGET,
  useAnnounced,
} from '../../support/ha/announced.js';
import type { Director } from '../../support/ha/announced.js';
import { clients } from '../../support/ha/director.js';
import { VIRTUAL } from '../../support/ha/routed.js';
import type { Routed } from '../../support/ha/routed.js';
import { read, start, stop } from '../../support/programs.js';

const scene = useAnnounced(useLab());

/** Records changes of routes until the test ends. @returns what gives the time of the last one of the virtual address. */
async function watchRoutes({ router }: Routed): Promise<() => Promise<number>> {
  const pid = await start(router, 'TZ=UTC exec ip -ts monitor route', 'routes');
  onTestFinished(() => stop(router, pid));
  return async () => {
    const reports = (await read(router, 'routes')).split(/^(?=\[)/m);
    const last = reports.findLast((report) => report.includes(VIRTUAL)) ?? '';
    return Date.parse(`${last.slice(1, 24)}Z`);
  };
}

/** When the agent found last that the service has come to a state. */
async function verdictMs({ agent }: Director, state: ServiceState): Promise<number> {
  const lines = (await agent.log()).split('\n').filter((line) => line.startsWith('{'));
  const events = lines.map(
    (line) => JSON.parse(line) as { type: string; time: string; to?: string },
  );
  const found = events.findLast(({ type, to }) => type === 'service' && to === state);
  if (found === undefined) throw new Error(`the service has not come to ${state}`);
  return Date.parse(found.time);
}

/** The middle one of three: a machine with other work may stand still at any moment. */
const middleOf = (three: readonly number[]): number => three.toSorted((a, b) => a - b)[1] ?? NaN;

test('a director that loses its quorum is left out by the router within 2 s, and is back with the quorum', async () => {
  const { network, directors } = scene();
  const [first, ...others] = directors;
  onTestFinished(() => first.repairPath());
  const changedMs = await watchRoutes(network);
  const goneMs: number[] = [];
  const backMs: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    await first.breakPath();
    await routeIs(network, ...others);
    goneMs.push((await changedMs()) - (await verdictMs(first, 'fail-open')));
    await first.repairPath();
    await routeIs(network, ...directors);
    backMs.push((await changedMs()) - (await verdictMs(first, 'ok')));
  }
  console.log(`from the verdict to the route: gone ${goneMs.join()} ms, back ${backMs.join()} ms`);
  expect(middleOf(goneMs)).toBeLessThanOrEqual(2000);
  expect(middleOf(backMs)).toBeLessThanOrEqual(2000);
});

test('a director that has its quorum again takes connections on that it has never seen', async () => {
  const { network, directors } = scene();
  const [first, ...others] = directors;
  onTestFinished(() => first.repairPath());
  await first.breakPath();
  await routeIs(network, ...others);
  await clients.talkAlways(network.client, TARGET, CONNECTIONS);
  await clients.askAlways(network.client, TARGET);
  await talkGoesOn(network);
  expect(await first.entries()).toBe(0);
  await first.repairPath();
  await routeIs(network, ...directors);
  await talkGoesOn(network);
  expect(await first.entries()).toBeGreaterThan(5);
  await first.breakPath();
  await routeIs(network, ...others);
  await talkGoesOn(network);
  expect(await ended(network, 'quorum lost')).toEqual({ broken: 0, failed: 0 });
});

test(
  'the agent of a director is killed, and starts again: the address stays',
  { tags: 'long' },
  async () => {
    const { network, directors } = scene();
    const [first] = directors;
    const changedMs = await watchRoutes(network);
    await clients.talkAlways(network.client, TARGET, CONNECTIONS);
    await clients.askAlways(network.client, TARGET);
    await first.agent.signal('KILL');
    await first.agent.hasEnded();
    await talkGoesOn(network);
    await first.startAgent();
    await first.stateIs('ok');
    await talkGoesOn(network);
    expect(await ended(network, 'agent killed')).toEqual({ broken: 0, failed: 0 });
    expect(await changedMs()).toBeNaN();
  },
);
