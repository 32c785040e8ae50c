import { expect } from 'vitest';
import type { Namespace } from '../../lab/namespace.js';
import { PATIENCE_MS } from '../../lab/patience.js';
import { folderOf, read, start, write } from '../programs.js';

/** Debian's BIRD in a namespace. */
export interface RunningBird {
  readonly pid: number;
  /** What `birdc` prints. */
  ask(command: string): Promise<string>;
  log(): Promise<string>;
  end(): Promise<void>;
}

const PATIENCE = { timeout: PATIENCE_MS, interval: 100 };

/** Waits until a process has ended. */
export async function hasEnded(machine: Namespace, pid: number): Promise<void> {
  const alive = async () => (await machine.run(['kill', '-0', String(pid)])).code === 0;
  await expect.poll(alive, PATIENCE).toBe(false);
}

/** Starts it with this configuration, and waits until it listens to `birdc`. */
export async function startBird(machine: Namespace, configuration: string): Promise<RunningBird> {
  await write(machine, 'bird.conf', configuration);
  const pid = await start(machine, 'exec /usr/sbin/bird -f -c bird.conf -s bird.ctl', 'bird.log');
  const socket = `${folderOf(machine)}/bird.ctl`;
  const ask = async (command: string): Promise<string> =>
    (await machine.run(['/usr/sbin/birdc', '-s', socket, ...command.split(' ')])).stdout;
  await expect.poll(() => ask('show status'), PATIENCE).toContain('Daemon is up and running');
  return {
    pid,
    ask,
    log: () => read(machine, 'bird.log'),
    end: async () => {
      await machine.run(['kill', String(pid)]);
      await hasEnded(machine, pid);
    },
  };
}
