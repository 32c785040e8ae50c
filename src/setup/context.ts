import type { Host } from '../host/host.js';
import { HostSnapshot } from '../host/snapshot.js';
import type { Session } from '../terminal/session.js';
import type { SetupContext } from './changes.js';
import { JournalFile } from './journal.js';
import type { Role } from './journal.js';
import { SetupSnapshot } from './snapshot.js';

/** What a run of a set-up is asked for. */
export interface SetupRequest {
  readonly session: Session;
  readonly host: Host;
  readonly role: Role;
  /** The folder of the journals; undefined: the usual one. */
  readonly state: string | undefined;
  /** Whether nothing is to be changed: then a signal ends the process as usual. */
  readonly dryRun: boolean;
  /** Whether a record of another network namespace is to be moved aside. */
  readonly forget: boolean;
}

/** Finds the journal of a role, and what a run of it needs. */
export async function setupContext(request: SetupRequest): Promise<SetupContext> {
  const { session, host, role, state, dryRun, forget } = request;
  const machine = new HostSnapshot(host);
  const file = await JournalFile.of(machine, state, role);
  const snapshot = new SetupSnapshot(machine, session, !dryRun);
  const signal = dryRun ? undefined : session.io.interruption?.();
  return { snapshot, session, file, forget, signal };
}
