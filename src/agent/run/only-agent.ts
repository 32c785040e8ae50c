import { join } from 'node:path';
import { errorText } from '../../common/system-errors.js';
import type { Host } from '../../host/host.js';
import { HostError } from '../../host/host-error.js';
import { lock, LockHeldError } from '../../host/lock.js';

/**
 * Takes the lock that lets only one agent run in a network namespace, whatever its socket is.
 * @param folder holds the records of this network namespace.
 * @param complain called when the lock cannot be written: a full disk must not stop an agent from working.
 * @returns a function that releases the lock.
 * @throws HostError when another agent runs.
 */
export async function becomeOnlyAgent(
  host: Host,
  folder: string,
  complain: (text: string) => void,
): Promise<() => Promise<void>> {
  try {
    return await lock(host, join(folder, 'agent.lock'));
  } catch (error) {
    if (error instanceof LockHeldError) {
      throw new HostError(
        `An agent (PID ${error.pid}) is running already for this table. To see what it knows: ipvs status`,
      );
    }
    complain(`Whether another agent runs is not known: ${errorText(error)}`);
    return () => Promise.resolve();
  }
}
