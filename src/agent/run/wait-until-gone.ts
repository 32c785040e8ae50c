import type { Clock } from './clock.js';
import type { Leaving } from './leaving.js';

/** How often to look. */
const LOOK_MS = 100;

/** Waits until services have gone whose connections are waited for. @param hurry ends that: they are to be removed now. */
export async function waitUntilGone(
  leaving: Leaving,
  clock: Clock,
  hurry: AbortSignal | undefined,
): Promise<void> {
  while (leaving.services.length > 0 && hurry?.aborted !== true) {
    await new Promise<void>((resolve) => {
      clock.at(clock.monotonicMs() + LOOK_MS, resolve);
    });
  }
  for (const { service } of leaving.services) leaving.endService(service);
}
