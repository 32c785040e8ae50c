import { setTimeout } from 'node:timers/promises';

/** Waits so long. @throws the reason of the signal, as soon as that is aborted. */
export async function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  try {
    await setTimeout(milliseconds, undefined, { signal });
  } catch (error) {
    // Node rejects with an AbortError of its own.
    signal?.throwIfAborted();
    throw error;
  }
}
