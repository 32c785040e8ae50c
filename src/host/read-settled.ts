import { setTimeout } from 'node:timers/promises';
import { lookOf } from './watch-files.js';

const PAUSE_MS = 100;
const MOST_TURNS = 10;

/**
 * Reads a file or a folder while nobody writes it: if it is empty or has changed meanwhile, it is read again a little later.
 * After a second of changes, it is read as it is then.
 */
export async function readSettled<T>(path: string, read: () => Promise<T>): Promise<T> {
  for (let turn = 0; turn < MOST_TURNS; turn += 1) {
    const before = await lookOf(path);
    if (before !== undefined) {
      // Half a file may be no good one.
      const [outcome] = await Promise.allSettled([read()]);
      if ((await lookOf(path)) === before) {
        if (outcome.status === 'rejected') throw outcome.reason;
        return outcome.value;
      }
    }
    await setTimeout(PAUSE_MS);
  }
  return read();
}
