/** A live director with a client and two real servers, on which a guide for moving over is played. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import type { Lab } from '../../lab/lab.js';
import type { Namespace } from '../../lab/namespace.js';
import { acceptVirtualAddress, buildFlatNetwork } from '../../lab/network.js';
import type { Network } from '../../lab/network.js';
import { PATIENCE_MS } from '../../lab/patience.js';
import { projectFolder } from '../../lab/project.js';
import { savedRules } from '../agent.js';
import { CountedRequests } from './counted-requests.js';
import { DirectorShell, FOLDERS } from './director-shell.js';

const SITE = join(projectFolder, 'test/kernel/moving/guest/site.ts');
const PATIENCE = { timeout: PATIENCE_MS, interval: 500 };

export interface MovingScene {
  readonly shell: DirectorShell;
  readonly client: Namespace;
  readonly requests: CountedRequests;
  /** The process of the second real server ends, and starts again. */
  restartSecond(): Promise<void>;
  /** Waits until these are all rules of the table. */
  becomes(rules: readonly string[]): Promise<void>;
}

/** It prints at its end how many requests there were. @param bare whether nobody has the virtual address at first. */
export function useMovingScene(lab: () => Lab, { bare = false } = {}): () => MovingScene {
  let network: Network | undefined;
  let scene: MovingScene | undefined;
  beforeAll(async () => {
    network = await buildFlatNetwork(lab(), { realServers: 2, bare });
    scene = await sceneOn(network);
  });
  afterAll(async () => {
    if (scene !== undefined) process.stdout.write(`\n${scene.requests.report()}`);
    await network?.close();
  });
  return () => {
    if (scene === undefined) throw new Error('the scene is for tests and hooks');
    return scene;
  };
}

async function sceneOn({ director, client, virtual, realServers }: Network): Promise<MovingScene> {
  const restarts: (() => Promise<void>)[] = [];
  for (const [index, { namespace, addresses }] of realServers.entries()) {
    const folder = `${FOLDERS}/${addresses.ipv4}`;
    const open = () => namespace.call(SITE, 'open', `rs${index + 1}`, folder);
    await acceptVirtualAddress(namespace, virtual);
    await namespace.run(['sh', '-c', 'mkdir -p "$0" && echo ok >"$0/healthz"', folder]);
    await open();
    restarts.push(async () => {
      await namespace.call(SITE, 'shut');
      await open();
    });
  }
  await director.call(SITE, 'open', 'sorry', FOLDERS);
  return {
    shell: await DirectorShell.start(director),
    client,
    requests: new CountedRequests(client),
    restartSecond: async () => restarts[1]?.(),
    becomes: async (rules) => {
      await expect.poll(() => savedRules(director), PATIENCE).toEqual([...rules].sort());
    },
  };
}
