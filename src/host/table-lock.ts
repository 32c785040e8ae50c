import { join } from 'node:path';
import { lock } from './lock.js';
import type { LockOptions } from './lock.js';
import { makeRunFolder } from './run-folder.js';
import type { Host } from './host.js';

/** The lock is held only while something is written. */
const LOCK_WAIT_MS = 60_000;

/** The file beside the kernel's table, in the run folder of a network namespace. */
export const recordsFileIn = (folder: string): string => join(folder, 'table.json');

/**
 * Works while no other process changes the kernel's table, as far as it keeps to the lock.
 * @throws HostError when another process does not finish.
 */
export async function withTableLock<T>(
  host: Host,
  folder: string,
  work: () => Promise<T>,
  { onWaiting }: Pick<LockOptions, 'onWaiting'> = {},
): Promise<T> {
  // A system that cleans up /run takes the folder along.
  await makeRunFolder(folder);
  const release = await lock(host, join(folder, 'table.lock'), {
    waitMs: LOCK_WAIT_MS,
    ...(onWaiting && { onWaiting }),
  });
  try {
    return await work();
  } finally {
    await release();
  }
}
