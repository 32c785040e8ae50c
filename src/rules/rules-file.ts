import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { NotARegularFile, readRegularFile } from '../common/regular-file.js';
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
 * The bytes of a rules file.
 * @throws RuleError when it is not a regular file, or cannot be read.
 */
export async function* readRulesFile(path: string): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* readRegularFile(path);
  } catch (error) {
    const message =
      error instanceof NotARegularFile
        ? `${path} is not a file.`
        : `Cannot read ${path}: ${errorText(error)}`;
    throw new RuleError(message, 'file');
  }
}

/** Whether the text of a rules file says anything besides comments. */
export function saysRules(text: string): boolean {
  return text.split('\n').some((line) => /^\s*[^\s#]/.test(line));
}
