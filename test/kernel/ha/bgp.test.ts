/** The directors of docs/high-availability.md that BIRD announces to a router, which spreads connections over them. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import type { Namespace } from '../../lab/namespace.js';
import { perform } from '../../lab/network.js';
import { PATIENCE_MS } from '../../lab/patience.js';
import { serve } from '../../lab/peers.js';
import type { RunningAgent } from '../../support/agent.js';
import type { ServiceState } from '../../../src/agent/health/health.js';
import { control } from '../../support/living-agent.js';
import { useLab } from '../../support/director.js';
import { read, start, stop } from '../../support/programs.js';
import { hasEnded, startBird } from '../../support/ha/bird.js';
import type { RunningBird } from '../../support/ha/bird.js';
import { clearRun, clients, startOwnAgent } from '../../support/ha/director.js';
import { documentedFile, settingsScript } from '../../support/ha/documented.js';
import { buildRouted, VIRTUAL } from '../../support/ha/routed.js';
import type { Routed } from '../../support/ha/routed.js';

const CHAPTER = 'Many directors with BGP';
const BIRD = documentedFile(CHAPTER, '/etc/bird/bird.conf of the first director');
const ROUTER_BIRD = documentedFile(CHAPTER, '/etc/bird/bird.conf of the router');
const SETTINGS = documentedFile(CHAPTER, '/etc/sysctl.d/ipvs.conf of the directors');
const ROUTER_SETTINGS = documentedFile(CHAPTER, '/etc/sysctl.d/ecmp.conf of the router');
const AGENT = documentedFile(CHAPTER, '/etc/ipvs/ipvs.yaml');
const PATIENCE = { timeout: PATIENCE_MS, interval: 100 };
const TARGET = { host: VIRTUAL, port: 80 };
const CONNECTIONS = 60;
const SERVERS = ['10.0.0.21', '10.0.0.22', '10.0.0.23'];

interface Director {
  readonly machine: Namespace;
  /** Where the router finds it. */
  readonly address: string;
  agent: RunningAgent;
  bird: RunningBird;
}

const lab = useLab();
let network: Routed;
let routerBird: RunningBird;
let directors: Director[] = [];

/** The document shows the file of the first director; in the others, its own addresses differ. */
const birdOf = (number: number): string => BIRD.replaceAll('10.1.1.', `10.1.${number}.`);

beforeAll(async () => {
  network = await buildRouted(lab());
  const { router, realServers } = network;
  for (const [index, machine] of realServers.entries())
    await serve(machine, { name: `rs${index + 1}`, tcp: [80] });
  for (const machine of network.directors) await perform(machine, settingsScript(SETTINGS));
  await perform(router, settingsScript(ROUTER_SETTINGS));
});

afterAll(() => network.close());

beforeEach(async () => {
  routerBird = await startBird(network.router, ROUTER_BIRD);
  directors = [];
  for (const [index, machine] of network.directors.entries()) {
    const bird = await startBird(machine, birdOf(index + 1));
    const agent = await startOwnAgent(machine, AGENT, '--log', 'json');
    directors.push({ machine, address: `10.1.${index + 1}.2`, agent, bird });
  }
  for (const director of directors) await stateIs(director, 'ok');
  await routeIs(...directors);
});

afterEach(async ({ task }) => {
  await clients.stopAsking(network.client);
  await clients.stopTalking(network.client);
  for (const { machine, agent, bird } of directors) {
    if (task.result?.state === 'fail') {
      console.log((await agent.log()).replaceAll(/^IPVS .*\n/gm, '').slice(-3000));
      console.log((await bird.log()).slice(-3000));
    }
    await agent.end();
    await bird.end();
    await machine.ipvsadm(['-C']);
    await machine.run(['ip', 'addr', 'flush', 'dev', 'announce0']);
    await clearRun(machine);
  }
  await routerBird.end();
});

/** The directors that the router sends connections to. */
async function nextHops(): Promise<string[]> {
  const { stdout } = await network.router.run(['ip', 'route', 'show', VIRTUAL]);
  return Array.from(stdout.matchAll(/via (\S+)/g), ([, address = '']) => address);
}

/** Waits for what the agent says of its service. */
async function stateIs({ machine }: Director, expected: ServiceState): Promise<void> {
  const state = async () => one((await control.status(machine)).services).state;
  await expect.poll(() => state().catch(String), PATIENCE).toBe(expected);
}

const routeIs = (...through: readonly Director[]): Promise<void> =>
  expect.poll(nextHops, PATIENCE).toEqual(through.map(({ address }) => address));

/** How many connections a director has entries of. */
async function entries({ machine }: Director): Promise<number> {
  const { stdout } = await machine.ipvsadm(['-Lnc']);
  return stdout.split(' ESTABLISHED ').length - 1;
}

function one<Thing>(things: readonly Thing[]): Thing {
  const [first] = things;
  if (first === undefined) throw new Error('there is none');
  return first;
}

/** Every connection has brought some answers more. */
async function talkGoesOn(): Promise<void> {
  const { answers } = await clients.talked(network.client);
  const more = async () => (await clients.talked(network.client)).answers;
  await expect.poll(more, PATIENCE).toBeGreaterThan(answers + 5 * CONNECTIONS);
}

/** Ends all that clients do: no connection was broken, no request failed. Prints the counts. */
async function ended(what: string): Promise<void> {
  const asked = await clients.stopAsking(network.client);
  const talked = await clients.stopTalking(network.client);
  console.log(`${what}:`, JSON.stringify({ talked, asked }));
  expect(talked).toMatchObject({ connections: CONNECTIONS, broken: [] });
  expect(asked.failures).toEqual([]);
}

/** What the director sends to the real servers gets lost on its way, as behind a broken switch; all else arrives. */
async function breakPath({ machine }: Director): Promise<void> {
  const lines = SERVERS.map(
    (address) => `ip neigh replace ${address} lladdr 02:00:00:00:00:66 dev eth1 nud permanent`,
  );
  await perform(machine, lines.join('\n'));
}

async function repairPath({ machine }: Director): Promise<void> {
  await perform(machine, SERVERS.map((address) => `ip neigh del ${address} dev eth1`).join('\n'));
}

/** A change of the route to the virtual address, as the router's kernel has reported it. */
interface RouteChange {
  readonly atMs: number;
  readonly nextHops: readonly string[];
}

/** Records changes of routes until the test ends. */
async function watchRoutes(): Promise<() => Promise<RouteChange[]>> {
  const { router } = network;
  const pid = await start(router, 'TZ=UTC exec ip -ts monitor route', 'routes');
  onTestFinished(() => stop(router, pid));
  return async () => {
    const reports = (await read(router, 'routes')).split(/^(?=\[)/m);
    return reports
      .filter((report) => report.includes(VIRTUAL))
      .map((report) => ({
        atMs: Date.parse(`${report.slice(1, 24)}Z`),
        nextHops: report.includes('Deleted')
          ? []
          : Array.from(report.matchAll(/via (\S+)/g), ([, address = '']) => address),
      }));
  };
}

/** When the agent found last that the service has come to a state. */
async function verdictMs({ agent }: Director, state: ServiceState): Promise<number> {
  const lines = (await agent.log()).split('\n').filter((line) => line.startsWith('{'));
  const events = lines.map(
    (line) => JSON.parse(line) as { type: string; time: string; to?: string },
  );
  const found = events.filter(({ type, to }) => type === 'service' && to === state).at(-1);
  if (found === undefined) throw new Error(`the service has not come to ${state}`);
  return Date.parse(found.time);
}

const ROUNDS = 3;

test('a director that loses its quorum is left out by the router within 2 s, and is back with the quorum', async () => {
  const [first, ...others] = [one(directors), ...directors.slice(1)];
  onTestFinished(() => repairPath(first));
  const routes = await watchRoutes();
  const took: { goneMs: number; backMs: number }[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    await breakPath(first);
    await routeIs(...others);
    const gone = (await routes()).at(-1)?.atMs ?? NaN;
    const goneMs = gone - (await verdictMs(first, 'fail-open'));
    await repairPath(first);
    await routeIs(...directors);
    const back = (await routes()).at(-1)?.atMs ?? NaN;
    took.push({ goneMs, backMs: back - (await verdictMs(first, 'ok')) });
  }
  console.log('from the verdict to the route:', JSON.stringify(took));
  expect(Math.min(...took.map(({ goneMs }) => goneMs))).toBeLessThanOrEqual(2000);
});

test('a director that has its quorum again takes connections on that it has never seen', async () => {
  const [first, ...others] = [one(directors), ...directors.slice(1)];
  onTestFinished(() => repairPath(first));
  await breakPath(first);
  await routeIs(...others);
  await clients.talkAlways(network.client, TARGET, CONNECTIONS);
  await clients.askAlways(network.client, TARGET);
  await talkGoesOn();
  expect(await entries(first)).toBe(0);
  await repairPath(first);
  await routeIs(...directors);
  await talkGoesOn();
  expect(await entries(first)).toBeGreaterThan(5);
  await breakPath(first);
  await routeIs(...others);
  await talkGoesOn();
  await ended('a director loses its quorum');
});

interface Death {
  readonly name: string;
  readonly die: (director: Director) => Promise<void>;
  readonly comeBack: (director: Director) => Promise<void>;
}

const startAgain = async (director: Director): Promise<void> => {
  const number = directors.indexOf(director) + 1;
  director.bird = await startBird(director.machine, birdOf(number));
};

const SILENCE = ['-t raw %s PREROUTING -j DROP', '-t raw %s OUTPUT -j DROP'];
const silence = (verb: '-A' | '-D') =>
  SILENCE.map((words) => `iptables-legacy ${words.replace('%s', verb)}`).join('\n');

const deaths: readonly Death[] = [
  {
    name: 'loses its links',
    die: async ({ machine }) => {
      await perform(machine, 'ip link set eth0 down\nip link set eth1 down');
    },
    comeBack: async ({ machine, address }) => {
      const gateway = address.replace(/2$/, '1');
      const lines = ['eth0 up', 'eth1 up'].map((words) => `ip link set ${words}`);
      await perform(machine, [...lines, `ip route add default via ${gateway}`].join('\n'));
    },
  },
  {
    name: 'falls silent',
    die: async ({ machine }) => {
      await perform(machine, silence('-A'));
    },
    comeBack: async ({ machine }) => {
      await perform(machine, silence('-D'));
    },
  },
  {
    name: 'loses its BIRD by kill -9',
    die: async ({ machine, bird }) => {
      await machine.run(['kill', '-KILL', String(bird.pid)]);
      await hasEnded(machine, bird.pid);
    },
    comeBack: startAgain,
  },
  {
    name: 'is taken out by stopping its BIRD',
    die: async ({ bird }) => {
      await bird.end();
    },
    comeBack: startAgain,
  },
];

/** Does it when it is called first. */
function once(action: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => (done ??= action());
}

test.each(deaths)(
  'a director $name, and comes back: all connections go on',
  async ({ name, die, comeBack }) => {
    const [first, ...others] = [one(directors), ...directors.slice(1)];
    const names = await clients.talkAlways(network.client, TARGET, CONNECTIONS);
    expect([...new Set(names)].sort()).toEqual(['rs1', 'rs2', 'rs3']);
    await talkGoesOn();
    for (const director of directors) expect(await entries(director)).toBeGreaterThan(5);
    await clients.askAlways(network.client, TARGET);
    await talkGoesOn();

    const revive = once(() => comeBack(first));
    onTestFinished(revive);
    await die(first);
    await routeIs(...others);
    await talkGoesOn();
    const before = await clients.talked(network.client);
    expect(before.broken).toEqual([]);

    await revive();
    await routeIs(...directors);
    await talkGoesOn();
    await ended(`a director ${name}`);
  },
);
