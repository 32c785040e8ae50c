import { exitStatus } from '../terminal/exit-status.js';
import type { Session } from '../terminal/session.js';

/** Works until it is done or a signal ends it. @returns the exit status. */
export async function untilInterrupted(
  { io }: Session,
  work: (signal: AbortSignal | undefined) => Promise<void>,
): Promise<number> {
  const signal = io.interruption?.();
  try {
    await work(signal);
  } catch (error) {
    // What was being waited for has been given up.
    if (signal?.aborted !== true) throw error;
  }
  return signal?.aborted === true ? Number(signal.reason) : exitStatus.done;
}
