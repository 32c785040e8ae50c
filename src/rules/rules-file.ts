import { constants, existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errorText } from '../common/system-errors.js';
import { RuleError } from './rule-error.js';

/** Where distributions keep the rules of a director: the first that exists is meant. */
export const RULES_FILES = ['/etc/sysconfig/ipvsadm', '/etc/ipvsadm.rules'] as const;

/** The file that was named, or else the first that exists; undefined when there is none. */
export function findRulesFile(
  named: string | undefined,
  candidates: readonly string[] = RULES_FILES,
): string | undefined {
  return named ?? candidates.find((path) => existsSync(path));
}

/** The file with the rules to start with. @throws RuleError when there is none. */
export function existingRulesFile(
  named: string | undefined,
  candidates: readonly string[] = RULES_FILES,
): string {
  const file = findRulesFile(named, candidates);
  if (file !== undefined) return file;
  throw new RuleError(
    `There is no rules file, neither ${candidates.join(' nor ')}.\n` +
      'To make one of the rules that are in the kernel now: ipvs rules save',
    'file',
  );
}

/** The file to save to: the one that exists, or else the first whose folder exists. */
export function rulesFileToWrite(
  named: string | undefined,
  candidates: readonly string[] = RULES_FILES,
): string {
  const file =
    findRulesFile(named, candidates) ?? candidates.find((path) => existsSync(dirname(path)));
  if (file !== undefined) return file;
  throw new RuleError(`There is no folder for any of these: ${candidates.join(', ')}`, 'file');
}

/**
 * The bytes of a rules file. A folder, a pipe or a device is none: nobody may be kept waiting at boot.
 * @throws RuleError when it is no file, or cannot be opened.
 */
export async function* readRulesFile(path: string): AsyncGenerator<Uint8Array, void, undefined> {
  // Without waiting for whoever would open a pipe's other end.
  const flags = constants.O_RDONLY | constants.O_NONBLOCK;
  const file = await open(path, flags).catch((error: unknown) => {
    throw new RuleError(`Cannot read ${path}: ${errorText(error)}`, 'file');
  });
  try {
    if (!(await file.stat()).isFile()) throw new RuleError(`${path} is not a file.`, 'file');
    for await (const piece of file.createReadStream({ autoClose: false })) {
      yield piece as Uint8Array;
    }
  } finally {
    await file.close();
  }
}

/** Whether the text of a rules file says anything besides comments. */
export function saysRules(text: string): boolean {
  return text.split('\n').some((line) => /^\s*[^\s#]/.test(line));
}
