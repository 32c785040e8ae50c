import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import type { Lab } from '../lab/lab.js';
import type { Namespace } from '../lab/namespace.js';
import { acceptVirtualAddress, buildFlatNetwork } from '../lab/network.js';
import type { Network } from '../lab/network.js';
import { ourCommandLine } from '../lab/our-commands.js';
import { PATIENCE_MS } from '../lab/patience.js';
import { projectFolder } from '../lab/project.js';
import { folderOf, read, start, stop, write } from './programs.js';

/** `ipvs agent` on a director, and web servers that it checks. */

const WEB = join(projectFolder, 'test/kernel/agent/guest/web.ts');

export const web = {
  open: (machine: Namespace, name: string, port = 80) => machine.call(WEB, 'open', name, port),
  be: (machine: Namespace, mode: 'well' | 'failing' | 'silent') => machine.call(WEB, 'be', mode),
  shut: (machine: Namespace) => machine.call(WEB, 'shut'),
  ask: async (client: Namespace, url: string) => (await client.call(WEB, 'ask', url)) as string,
  askAlways: (client: Namespace, url: string) => client.call(WEB, 'askAlways', url),
  stopAsking: async (client: Namespace) => (await client.call(WEB, 'stopAsking')) as string[],
};

/** An agent that runs as a process, with its file, log and socket in the namespace's folder. */
export interface RunningAgent {
  readonly pid: number;
  /** Where the log is, in the guest. */
  readonly logFile: string;
  /** What it has written to standard error. */
  log(): Promise<string>;
  /** The requests by which it has written to the table: `NEW_DEST`. */
  writes(): Promise<string[]>;
  /** Waits for a line of the log that matches. */
  says(pattern: RegExp): Promise<void>;
  /** Waits until it has asked each server a few times more, and looked at the table. */
  hasChecked(): Promise<void>;
  hasEnded(): Promise<void>;
  signal(name: string): Promise<void>;
  /** Sends SIGTERM, and waits for its end. */
  end(): Promise<void>;
}

export async function configureAgent(director: Namespace, text: string): Promise<void> {
  await write(director, 'agent.yaml', text);
}

const PATIENCE = { timeout: PATIENCE_MS, interval: 100 };
/** docs/tracing.md */
const WRITE = /^IPVS \d+: request \d+ ((?:NEW|SET|DEL)_\w+|FLUSH|ZERO)/gm;

const LOOK = /^IPVS \d+: request \d+ GET_SERVICE/gm;

let runs = 0;

/** Starts it with the file of {@link configureAgent}. */
export function startAgent(director: Namespace, ...words: string[]): Promise<RunningAgent> {
  return startAgentAfter('', director, words);
}

/** Starts it in a shell that has run `first &&`, as `mount --bind here there &&`: what is mounted is for this process alone. */
export async function startAgentAfter(
  first: string,
  director: Namespace,
  words: readonly string[] = [],
): Promise<RunningAgent> {
  const folder = folderOf(director);
  runs += 1;
  const name = `agent-${runs}.log`;
  const line = [
    first,
    `NODE_DEBUG=ipvs STATE_DIRECTORY=${folder}/state exec ${ourCommandLine('ipvs')} agent`,
    `-f ${folder}/agent.yaml --socket ${folder}/agent.sock`,
    ...words,
  ].join(' ');
  const pid = await start(director, line, name);
  const log = () => read(director, name);
  return {
    pid,
    logFile: `${folder}/${name}`,
    log,
    writes: async () => Array.from((await log()).matchAll(WRITE), ([, request = '']) => request),
    says: (pattern) => expect.poll(log, PATIENCE).toMatch(pattern),
    hasChecked: async () => {
      const looks = async () => (await log()).match(LOOK)?.length ?? 0;
      const before = await looks();
      await expect.poll(looks, PATIENCE).toBeGreaterThan(before + 3);
    },
    hasEnded: async () => {
      const alive = async () => (await director.run(['kill', '-0', String(pid)])).code === 0;
      await expect.poll(alive, PATIENCE).toBe(false);
    },
    signal: async (signal) => {
      await director.run(['kill', `-${signal}`, String(pid)]);
    },
    end: () => stop(director, pid),
  };
}

/** The rules of the table, in the order of their texts. */
export async function savedRules(director: Namespace): Promise<string[]> {
  const { stdout } = await director.genuine(['-Sn']);
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .sort();
}

export const VIP = '192.168.1.200';
export const [RS1, RS2] = ['192.168.1.191', '192.168.1.192'] as const;

/** A director with two web servers, reached by direct routing, and one of its own. */
export interface AgentScene {
  readonly client: Namespace;
  readonly director: Namespace;
  readonly servers: readonly [Namespace, Namespace];
  /** Starts an agent, which ends with the test. */
  start(...words: string[]): Promise<RunningAgent>;
  /** Waits until these are all rules of the table. */
  becomes(...rules: string[]): Promise<void>;
}

/** The scene of a test file, whose tables are empty before each test. */
export function useAgentScene(lab: () => Lab): () => AgentScene {
  let network: Network | undefined;
  let scene: AgentScene | undefined;
  let running: RunningAgent[] = [];
  beforeAll(async () => {
    network = await buildFlatNetwork(lab(), { realServers: 2 });
    const { director, client, virtual } = network;
    const machines = network.realServers.map(({ namespace }) => namespace);
    for (const [index, machine] of machines.entries()) {
      await acceptVirtualAddress(machine, virtual);
      await web.open(machine, `rs${index + 1}`);
    }
    await web.open(director, 'sorry');
    scene = {
      ...{ client, director, servers: machines as [Namespace, Namespace] },
      start: async (...words) => {
        const agent = await startAgent(director, ...words);
        running.push(agent);
        return agent;
      },
      becomes: async (...rules) => {
        await expect.poll(() => savedRules(director), PATIENCE).toEqual(rules.sort());
      },
    };
  });
  afterEach(async ({ task }) => {
    const isFailed = task.result?.state === 'fail';
    for (const agent of running) {
      if (isFailed) console.log((await agent.log()).slice(-3000));
      await agent.end();
    }
    running = [];
    if (scene !== undefined) await web.stopAsking(scene.client);
    await scene?.director.ipvsadm(['-C']);
    // What one agent knows is nothing for the next test.
    await scene?.director.run([
      'sh',
      '-c',
      'rm -rf /run/ipvs "$1/state"',
      'sh',
      folderOf(scene.director),
    ]);
  });
  afterAll(() => network?.close());
  return () => {
    if (scene === undefined) throw new Error('the scene is for tests and hooks');
    return scene;
  };
}
