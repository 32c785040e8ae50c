import { constants, existsSync } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { readFileIfExists } from '../common/read-if-exists.js';
import { cliStatus, CliError, withContext } from '../terminal/cli-error.js';

/** Where distributions keep the rules of a director: the first that exists is meant. */
export const RULES_FILES = ['/etc/sysconfig/ipvsadm', '/etc/ipvsadm.rules'] as const;

/** The file with the rules to start with. */
export function existingRulesFile(
  named: string | undefined,
  candidates: readonly string[] = RULES_FILES,
): string {
  const file = named ?? candidates.find((path) => existsSync(path));
  if (file !== undefined) return file;
  throw new CliError(
    `There is no rules file, neither ${candidates.join(' nor ')}.\n` +
      'To make one of the rules that are in the kernel now: ipvs rules save',
  );
}

/** The file to save to: the one that there is, or else the first whose folder there is. */
export function rulesFileToWrite(
  named: string | undefined,
  candidates: readonly string[] = RULES_FILES,
): string {
  const file =
    named ??
    candidates.find((path) => existsSync(path)) ??
    candidates.find((path) => existsSync(dirname(path)));
  if (file !== undefined) return file;
  throw new CliError(`There is no folder for any of these: ${candidates.join(', ')}`);
}

/** The bytes of a rules file. A folder, a pipe or a device is none: nobody may be kept waiting at boot. */
export async function* readRulesFile(path: string): AsyncGenerator<Uint8Array, void, undefined> {
  // Without waiting for whoever would open a pipe's other end.
  const flags = constants.O_RDONLY | constants.O_NONBLOCK;
  const file = await withContext(`Cannot read ${path}`, open(path, flags));
  try {
    if (!(await file.stat()).isFile())
      throw new CliError(`${path} is not a file.`, cliStatus.usage);
    for await (const piece of file.createReadStream({ autoClose: false })) {
      yield piece as Uint8Array;
    }
  } finally {
    await file.close();
  }
}

/** Whether a regular file says anything besides comments. Reading a pipe would wait for a writer. */
export async function holdsRules(path: string): Promise<boolean> {
  const isSpecial = await stat(path).then(
    (found) => !found.isFile(),
    () => false,
  );
  if (isSpecial) return false;
  return saysRules((await withContext(`Cannot read ${path}`, readFileIfExists(path))) ?? '');
}

/** Whether the text of a rules file says anything besides comments. */
export function saysRules(text: string): boolean {
  return text.split('\n').some((line) => /^\s*[^\s#]/.test(line));
}
