/** The directors of docs/high-availability.md that BIRD announces to a router, which spreads connections over them. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, onTestFinished } from 'vitest';
import type { ServiceState } from '../../../src/agent/health/health.js';
import type { Lab } from '../../lab/lab.js';
import type { Namespace } from '../../lab/namespace.js';
import { perform } from '../../lab/network.js';
import { PATIENCE_MS } from '../../lab/patience.js';
import { serve } from '../../lab/peers.js';
import type { RunningAgent } from '../agent.js';
import { control } from '../living-agent.js';
import { startBird } from './bird.js';
import type { RunningBird } from './bird.js';
import { clearRun, clients, startOwnAgent } from './director.js';
import { documentedFile, settingsScript } from './documented.js';
import { ANNOUNCED, buildRouted, VIRTUAL } from './routed.js';
import type { Routed } from './routed.js';

const CHAPTER = 'Many directors with BGP';
const BIRD = documentedFile(CHAPTER, '/etc/bird/bird.conf of the first director');
const ROUTER_BIRD = documentedFile(CHAPTER, '/etc/bird/bird.conf of the router');
const SETTINGS = documentedFile(CHAPTER, '/etc/sysctl.d/ipvs.conf of the directors');
const ROUTER_SETTINGS = documentedFile(CHAPTER, '/etc/sysctl.d/ecmp.conf of the router');
const AGENT = documentedFile(CHAPTER, '/etc/ipvs/ipvs.yaml');
/** What the document adds to the state file for directors that know each other's connections. */
export const SYNCHRONISED = documentedFile(CHAPTER, 'beside it, in /etc/ipvs/ipvs.yaml');

const PATIENCE = { timeout: PATIENCE_MS, interval: 100 };
export const TARGET = { host: VIRTUAL, port: 80 };
export const CONNECTIONS = 60;
const SERVERS = ['10.0.0.21', '10.0.0.22', '10.0.0.23'];

/** The document shows the file of the first director; in the others, their own addresses stand there. */
const birdOf = (number: number): string => BIRD.replaceAll('10.1.1.', `10.1.${number}.`);

export class Director {
  readonly machine: Namespace;
  readonly #number: number;
  readonly #file: string;
  /** Entries that earlier tests have left. */
  #oldEntries = 0;
  #agent: RunningAgent | undefined;
  #bird: RunningBird | undefined;

  private constructor(number: number, machine: Namespace, file: string) {
    this.#number = number;
    this.machine = machine;
    this.#file = file;
  }

  static async start(number: number, machine: Namespace, file: string): Promise<Director> {
    const director = new Director(number, machine, file);
    director.#oldEntries = await director.entries();
    await director.startBird();
    await director.startAgent();
    return director;
  }

  get agent(): RunningAgent {
    if (this.#agent === undefined) throw new Error('the agent runs from the start on');
    return this.#agent;
  }

  get bird(): RunningBird {
    if (this.#bird === undefined) throw new Error('BIRD runs from the start on');
    return this.#bird;
  }

  /** Where the router finds it. */
  get address(): string {
    return `10.1.${this.#number}.2`;
  }

  async startBird(): Promise<void> {
    this.#bird = await startBird(this.machine, birdOf(this.#number));
  }

  async startAgent(): Promise<void> {
    this.#agent = await startOwnAgent(this.machine, this.#file, '--log', 'json');
  }

  /** Waits for what the agent says of its service. */
  async stateIs(expected: ServiceState): Promise<void> {
    const states = async () =>
      (await control.status(this.machine)).services.map((one) => one.state);
    await expect.poll(() => states().catch(String), PATIENCE).toEqual([expected]);
  }

  /** Waits until its table has a server with this weight. */
  async weightIs(server: string, weight: number): Promise<void> {
    const row = new RegExp(`-> ${server}:80 +Route +${weight} `);
    const table = async () => (await this.machine.ipvsadm(['-Ln'])).stdout;
    await expect.poll(table, PATIENCE).toMatch(row);
  }

  /** How many connections of this test it has entries of. */
  async entries(): Promise<number> {
    const { stdout } = await this.machine.ipvsadm(['-Lnc']);
    return stdout.split(' ESTABLISHED ').length - 1 - this.#oldEntries;
  }

  /** What it sends to the real servers gets lost on its way, as behind a broken switch; all else arrives. */
  async breakPath(): Promise<void> {
    const lines = SERVERS.map(
      (address) => `ip neigh replace ${address} lladdr 02:00:00:00:00:66 dev eth1 nud permanent`,
    );
    await perform(this.machine, lines.join('\n'));
  }

  async repairPath(): Promise<void> {
    const lines = SERVERS.map((address) => `ip neigh flush to ${address} dev eth1 nud permanent`);
    await perform(this.machine, lines.join('\n'));
  }

  async close(isFailed: boolean): Promise<void> {
    if (isFailed) {
      console.log((await this.agent.log()).replaceAll(/^IPVS .*\n/gm, '').slice(-3000));
      console.log((await this.bird.log()).slice(-3000));
    }
    await this.agent.end();
    await this.bird.end();
    await this.machine.ipvsadm(['-C']);
    await this.machine.run(['ip', 'addr', 'flush', 'dev', ANNOUNCED]);
    await clearRun(this.machine);
  }
}

export interface AnnouncedScene {
  readonly network: Routed;
  readonly directors: readonly [Director, Director, Director];
}

/**
 * The scene of a test file. Before each test all directors are announced, and all real servers are well.
 * @param more what the state file has beside the documented one.
 */
export function useAnnounced(lab: () => Lab, more = ''): () => AnnouncedScene {
  let network: Routed | undefined;
  let bird: RunningBird | undefined;
  let directors: Director[] = [];
  const scene = (): AnnouncedScene => {
    const [first, second, third] = directors;
    if (network === undefined || !first || !second || !third)
      throw new Error('the scene is for tests and hooks');
    return { network, directors: [first, second, third] };
  };
  beforeAll(async () => {
    network = await buildRouted(lab());
    for (const [index, machine] of network.realServers.entries())
      await serve(machine, { name: `rs${index + 1}`, tcp: [80] });
    for (const machine of network.directors) await perform(machine, settingsScript(SETTINGS));
    await perform(network.router, settingsScript(ROUTER_SETTINGS));
  });
  beforeEach(async () => {
    if (network === undefined) return;
    bird = await startBird(network.router, ROUTER_BIRD);
    directors = [];
    for (const [index, machine] of network.directors.entries())
      directors.push(await Director.start(index + 1, machine, AGENT + more));
    for (const director of directors) await director.stateIs('ok');
    await routeIs(network, ...directors);
  });
  afterEach(async ({ task }) => {
    if (network === undefined) return;
    await clients.stopAsking(network.client);
    await clients.stopTalking(network.client);
    for (const director of directors) await director.close(task.result?.state === 'fail');
    await bird?.end();
  });
  afterAll(() => network?.close());
  return scene;
}

/** The directors that the router sends connections to. */
async function nextHops(router: Namespace): Promise<string[]> {
  const { stdout } = await router.run(['ip', 'route', 'show', VIRTUAL]);
  return Array.from(stdout.matchAll(/via (\S+)/g), ([, address = '']) => address);
}

/** Waits until the router sends connections to these. */
export async function routeIs({ router }: Routed, ...through: readonly Director[]): Promise<void> {
  const expected = through.map(({ address }) => address);
  await expect.poll(() => nextHops(router), PATIENCE).toEqual(expected);
}

/** Every connection has brought some answers more. */
export async function talkGoesOn({ client }: Routed): Promise<void> {
  const { answers } = await clients.talked(client);
  const more = async () => (await clients.talked(client)).answers;
  await expect.poll(more, PATIENCE).toBeGreaterThan(answers + 5 * CONNECTIONS);
}

/** Ends all that clients do, and prints the counts. @returns how many connections were broken, and how many requests failed. */
export async function ended(
  { client }: Routed,
  what: string,
): Promise<{ broken: number; failed: number }> {
  const asked = await clients.stopAsking(client);
  const talked = await clients.stopTalking(client);
  console.log(
    `${what}: ${talked.broken.length} of ${talked.connections} connections broken, ${talked.longestMs} ms at most;`,
    `${asked.failures.length} of ${asked.requests} requests failed, ${asked.longestMs} ms at most`,
    [...new Set([...talked.broken, ...asked.failures])].join(),
  );
  return { broken: talked.broken.length, failed: asked.failures.length };
}

/** A real server whose process has ended refuses everything. */
export async function refuse(server: Namespace, verb: '-A' | '-D'): Promise<void> {
  const rule = '-p tcp --dport 80 -j REJECT --reject-with tcp-reset';
  await perform(server, `iptables-legacy ${verb} INPUT ${rule}`);
}

/** The third real server dies. @returns what brings it back, which is done at the end of the test at the latest. */
export async function thirdServerDies({
  network,
  directors,
}: AnnouncedScene): Promise<() => Promise<void>> {
  const [, , dying] = network.realServers;
  if (dying === undefined) throw new Error('there are three real servers');
  const weightIs = async (weight: number): Promise<void> => {
    for (const director of directors) await director.weightIs('10.0.0.23', weight);
  };
  const revive = once(() => refuse(dying, '-D'));
  onTestFinished(revive);
  await refuse(dying, '-A');
  await weightIs(0);
  return async () => {
    await revive();
    await weightIs(1);
  };
}

/** The first director is no longer announced, and its connections go on by way of the others. */
export async function firstIsGone({ network, directors }: AnnouncedScene): Promise<void> {
  const [first, ...others] = directors;
  await first.bird.end();
  await routeIs(network, ...others);
  await talkGoesOn(network);
}

/** The first director is announced again, and connections go on. */
export async function firstIsBack({ network, directors }: AnnouncedScene): Promise<void> {
  await directors[0].startBird();
  await routeIs(network, ...directors);
  await talkGoesOn(network);
}

/** Does it when it is called first. */
export function once(action: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => (done ??= action());
}
