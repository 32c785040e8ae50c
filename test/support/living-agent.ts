import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import type {
  DrainRequest,
  MaintenanceRequest,
  ReloadJson,
  StatusJson,
} from '../../src/agent/control/shapes.js';
import type { Namespace } from '../lab/namespace.js';
import { PATIENCE_MS } from '../lab/patience.js';
import { projectFolder } from '../lab/project.js';
import { configureAgent, RS1, RS2, VIP, web } from './agent.js';
import type { AgentScene, RunningAgent } from './agent.js';
import { folderOf } from './programs.js';

/** What the tests share of how the agent lives with restarts, full disks, clocks and the like. */

const CONTROL = join(projectFolder, 'test/kernel/agent/guest/control.ts');
export const PATIENCE = { timeout: PATIENCE_MS, interval: 200 };

/** The director's own web server is the third, by the name `sorry`. */
export const OWN = '127.0.0.1';

const SERVERS = [
  `{server: '${RS1}:80', weight: 2}`,
  `{server: '${RS2}:80', weight: 1}`,
  `{server: '${OWN}:80', weight: 1}`,
];

/** A service of three servers that is checked often. */
export const livingConfig = (servers: readonly string[] = SERVERS, more = ''): string =>
  `reconcile: 300ms
drain: 2s
${more}services:
  - name: web
    service: tcp:${VIP}:80
    scheduler: rr
    method: dr
    check: {type: tcp, interval: 500ms, fastInterval: 300ms, timeout: 5s, rise: 1, fall: 3}
    servers:
${servers.map((server) => `      - ${server}\n`).join('')}`;

export const SERVICE = `-A -t ${VIP}:80 -s rr`;
export const rule = (address: string, weight: number): string =>
  `-a -t ${VIP}:80 -r ${address}:80 -g -w ${weight}`;
export const WHOLE: readonly string[] = [SERVICE, rule(RS1, 2), rule(RS2, 1), rule(OWN, 1)];

/** Starts an agent, and waits until its service is in the table as a whole. */
export async function startLiving(
  scene: AgentScene,
  config = livingConfig(),
): Promise<RunningAgent> {
  await configureAgent(scene.director, config);
  const agent = await scene.start();
  await scene.becomes(...WHOLE);
  return agent;
}

export const agentSocket = (director: Namespace): string => `${folderOf(director)}/agent.sock`;

/** The agent of a namespace, over its socket. */
export const control = {
  status: async (director: Namespace) =>
    (await director.call(CONTROL, 'status', agentSocket(director))) as StatusJson,
  drain: (director: Namespace, request: DrainRequest) =>
    director.call(CONTROL, 'drain', agentSocket(director), request),
  startMaintenance: (director: Namespace, request: MaintenanceRequest) =>
    director.call(CONTROL, 'startMaintenance', agentSocket(director), request),
  reload: async (director: Namespace) =>
    (await director.call(CONTROL, 'reload', agentSocket(director))) as ReloadJson,
};

/** A client that asks without pause. */
export interface Traffic {
  /** Ends it; not one request has failed. @returns how many there were. */
  allAnswered(): Promise<number>;
}

export async function beginTraffic(client: Namespace): Promise<Traffic> {
  await web.askAlways(client, `http://${VIP}/`);
  return {
    allAnswered: async () => {
      const answers = await web.stopAsking(client);
      expect(answers.filter((answer) => !/^(?:rs[12]|sorry)$/.test(answer))).toEqual([]);
      expect(answers.length).toBeGreaterThan(10);
      return answers.length;
    },
  };
}

/** Runs a script as root in the namespace, which must succeed. @returns what it prints. */
export async function sh(namespace: Namespace, script: string): Promise<string> {
  const { code, stdout, stderr } = await namespace.run(['sh', '-e'], { stdin: script });
  expect([code, stderr]).toEqual([0, '']);
  return stdout;
}

/** The folder of /run that the agent of a namespace keeps its files in. */
export async function runFolder(director: Namespace): Promise<string> {
  return (await sh(director, 'echo /run/ipvs/$(stat -Lc %i /proc/self/ns/net)')).trim();
}

/** Waits until an agent that is killed would lose nothing of a status: the slower the disk, the less often it saves. */
export async function isSaved(director: Namespace, { services }: StatusJson): Promise<void> {
  const folder = await runFolder(director);
  const saved = () => sh(director, `cat ${folder}/agent-drains.json ${folder}/agent-health.json`);
  for (const { since } of services.flatMap(({ servers }) => servers)) {
    await expect.poll(saved, PATIENCE).toContain(String(Date.parse(since)));
  }
}

/** Stops the process for some time, as a machine does that is suspended or overloaded. */
export async function standStill(agent: RunningAgent, milliseconds: number): Promise<void> {
  // However the test ends: who is stopped heeds no SIGTERM.
  onTestFinished(() => agent.signal('CONT'));
  await agent.signal('STOP');
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
  await agent.signal('CONT');
}

/** How many lines of a log match. */
export const linesOf = (log: string, pattern: RegExp): string[] =>
  log.split('\n').filter((line) => pattern.test(line));
