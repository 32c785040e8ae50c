import { setTimeout } from 'node:timers/promises';

/**
 * Gives the number of each tick, from 1 on, when it is due: so many intervals after the start, however long the work between
 * takes. Ticks that this work has missed are left out. Ends when the signal is aborted.
 */
export async function* ticks(
  intervalMs: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<number, void, undefined> {
  const start = performance.now();
  let tick = 0;
  for (;;) {
    const passed = Math.floor((performance.now() - start) / intervalMs);
    tick = Math.max(tick, passed) + 1;
    try {
      await setTimeout(start + tick * intervalMs - performance.now(), undefined, { signal });
    } catch (error) {
      if (signal?.aborted === true) return;
      throw error;
    }
    yield tick;
  }
}
