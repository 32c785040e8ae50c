import { readFileIfExists } from '../common/read-if-exists.js';
import { codeOf } from '../common/error-code.js';
import { HostError, hostCall } from '../host/host-error.js';
import { replaceFile } from '../host/replace-file.js';
import { runFolderOf } from '../host/run-folder.js';
import { recordsFileIn, withTableLock } from '../host/table-lock.js';
import { formatRecords, noRecords, parseRecords } from '../state/records.js';
import type { TableRecords } from '../state/records.js';
import { CliError } from '../terminal/cli-error.js';
import type { VerbContext } from './verb.js';

/** What is known of the table beside what the kernel has; nothing for whoever may not read it. */
export async function readRecords({ host, state }: VerbContext): Promise<TableRecords> {
  const folder = await runFolderOf(await host(), state);
  return load(recordsFileIn(folder), ['EACCES', 'EPERM']);
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
  const file = recordsFileIn(folder);
  const save = async (records: TableRecords): Promise<void> => {
    await hostCall(`Cannot write ${file}`, replaceFile(file, formatRecords(records), 0o600));
  };
  const changing = async () => work({ records: await load(file, []), save });
  const onWaiting = (pid: string) =>
    session.complain(`Waiting for another ipvs (PID ${pid}) to finish ...`);
  return withTableLock(machine, folder, changing, { onWaiting });
}

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
