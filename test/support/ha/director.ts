/** A director beside others in one guest: its programs, with the paths that they have on a machine of their own. */
import { join } from 'node:path';
import type { Asked, Talked, Target } from '../../kernel/ha/guest/clients.js';
import type { Namespace } from '../../lab/namespace.js';
import { perform } from '../../lab/network.js';
import { projectFolder } from '../../lab/project.js';
import { configureAgent, startAgentAfter } from '../agent.js';
import type { RunningAgent } from '../agent.js';
import { configure } from '../keepalived.js';
import { folderOf, read, start } from '../programs.js';

const CLIENTS = join(projectFolder, 'test/kernel/ha/guest/clients.ts');

/** The directors of a guest share its files, but for what each program mounts for itself. */
const OWN_RUN = 'mkdir -p /run/ipvs run && mount --bind run /run/ipvs &&';

/** Starts an agent with this state file, whose /run/ipvs is the director's own. */
export async function startOwnAgent(
  director: Namespace,
  file: string,
  ...words: readonly string[]
): Promise<RunningAgent> {
  await configureAgent(director, file);
  return await startAgentAfter(OWN_RUN, director, words);
}

/** Starts keepalived with this configuration. It logs to the file `log`. @returns its process number. */
export async function startOwnKeepalived(director: Namespace, file: string): Promise<number> {
  await configure(director, file);
  const files = '-f conf -p main.pid -c checkers.pid -r vrrp.pid';
  return await start(director, `${OWN_RUN} exec /usr/sbin/keepalived -n -l -D ${files}`, 'log');
}

/** A file of the director's own /run/ipvs; empty where there is none. */
export const readOwn = (director: Namespace, name: string): Promise<string> =>
  read(director, `run/${name}`);

/** The folder `run` is kept by the director, not by its programs. */
export async function clearRun(director: Namespace): Promise<void> {
  await perform(director, `rm -rf ${folderOf(director)}/run/* ${folderOf(director)}/state`);
}

/** Who asks, and who talks, from a namespace: test/kernel/ha/guest/clients.ts. */
export const clients = {
  askAlways: async (from: Namespace, target: Target): Promise<void> => {
    await from.call(CLIENTS, 'askAlways', target);
  },
  stopAsking: async (from: Namespace) => (await from.call(CLIENTS, 'stopAsking')) as Asked,
  talkAlways: async (from: Namespace, target: Target, count: number) =>
    (await from.call(CLIENTS, 'talkAlways', target, count)) as string[],
  talked: async (from: Namespace) => (await from.call(CLIENTS, 'talked')) as Talked,
  stopTalking: async (from: Namespace) => (await from.call(CLIENTS, 'stopTalking')) as Talked,
};
