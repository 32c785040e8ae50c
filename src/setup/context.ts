import type { Host } from '../host/host.js';
import type { Session } from '../terminal/session.js';
import type { SetupContext } from './changes.js';
import { JournalFile, STATE } from './journal.js';
import type { Role } from './journal.js';

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
  const file = await JournalFile.of(host, state ?? STATE, role);
  return { host, session, file, forget, signal: dryRun ? undefined : session.io.interruption?.() };
}
