import { join } from 'node:path';
import { readFileIfExists } from '../common/read-if-exists.js';
import { codeOf } from '../common/error-code.js';
import { HostError, hostCall } from '../host/host-error.js';
import { lock } from '../host/lock.js';
import { replaceFile } from '../host/replace-file.js';
import { makeRunFolder, runFolderOf } from '../host/run-folder.js';
import { formatRecords, noRecords, parseRecords } from '../state/records.js';
import type { TableRecords } from '../state/records.js';
import { CliError } from '../terminal/cli-error.js';
import type { VerbContext } from './verb.js';

/** Another command may drain for minutes, but holds the lock only while it writes. */
const LOCK_WAIT_MS = 60_000;

/** What is known of the table beside what the kernel has; nothing for whoever may not read it. */
export async function readRecords({ host, state }: VerbContext): Promise<TableRecords> {
  const folder = await runFolderOf(await host(), state);
  return load(recordsIn(folder), ['EACCES', 'EPERM']);
}

/** For changing the table: its records, which nobody else changes meanwhile. */
export interface Recorder {
  readonly records: TableRecords;
  /** Keeps new records, in place of the old ones. */
  save(records: TableRecords): Promise<void>;
}

/**
 * Changes the table while no other command does.
 * @throws HostError when another command does not finish, or the records cannot be kept.
 */
export async function changingTable<T>(
  { session, host, state }: VerbContext,
  work: (recorder: Recorder) => Promise<T>,
): Promise<T> {
  const machine = await host();
  const folder = await runFolderOf(machine, state);
  await makeRunFolder(folder);
  const release = await lock(machine, join(folder, 'table.lock'), {
    waitMs: LOCK_WAIT_MS,
    onWaiting: (pid) => session.complain(`Waiting for another ipvs (PID ${pid}) to finish ...`),
  });
  try {
    const file = recordsIn(folder);
    const save = async (records: TableRecords): Promise<void> => {
      await hostCall(`Cannot write ${file}`, replaceFile(file, formatRecords(records), 0o600));
    };
    return await work({ records: await load(file, []), save });
  } finally {
    await release();
  }
}

const recordsIn = (folder: string): string => join(folder, 'table.json');

async function load(file: string, unreadable: readonly string[]): Promise<TableRecords> {
  let text: string | undefined;
  try {
    text = await readFileIfExists(file);
  } catch (error) {
    if (unreadable.includes(codeOf(error))) return noRecords;
    throw new HostError(`Cannot read ${file}`, { cause: error });
  }
  if (text === undefined) return noRecords;
  const records = parseRecords(text);
  if (records !== undefined) return records;
  throw new CliError(
    `Nothing was changed. ${file}, which records who owns which service, is damaged.\n` +
      `To go on without: rm ${file}`,
  );
}
