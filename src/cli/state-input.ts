import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { printable } from '../common/printable.js';
import { NotARegularFile, readRegularFile } from '../common/regular-file.js';
import { errorText } from '../common/system-errors.js';
import { findFaults } from '../rules/parse-rules.js';
import type { Rule } from '../rules/parse-rules.js';
import { problemText, StateFileError } from '../state/file/desired.js';
import type { DesiredState, StateProblem } from '../state/file/desired.js';
import { mergeStates } from '../state/file/merge.js';
import { MOST_BYTES, parseWithoutYaml, tooLarge, withoutMark } from '../state/file/parse-source.js';
import type { ParsedState } from '../state/file/parsed.js';
import { isRules, stateOfRules } from '../state/file/rules-source.js';
import { CliError } from '../terminal/cli-error.js';
import { exitStatus } from '../terminal/exit-status.js';
import type { Session } from '../terminal/session.js';
import { portNamesOf } from './port-names.js';

/** Standard input. */
export const STANDARD_INPUT = '-';
const IN_FOLDER = /^[^.].*\.(?:ya?ml|json)$/;

/** What `-f` names: each file, and what they ask for together. */
export interface StateInput {
  readonly files: readonly ParsedState[];
  readonly state: DesiredState;
}

/**
 * Reads the state file of `-f`: a file, a folder, whose *.yaml, *.yml and *.json count in the order of their names, or `-`.
 * @throws CliError that says all that is wrong; its status is that of usage errors.
 */
export async function readStateInput(session: Session, file: string): Promise<DesiredState> {
  try {
    return (await readPlacedFiles(session, file)).state;
  } catch (error) {
    throw error instanceof StateFileError ? inputError(error) : error;
  }
}

/** Reads it for a caller who has more to say of what is in it. @throws StateFileError, and CliError when a file cannot be read. */
export async function readPlacedFiles(session: Session, file: string): Promise<StateInput> {
  const files: ParsedState[] = [];
  const problems: StateProblem[] = [];
  for (const path of await filesOf(file)) {
    try {
      files.push(await readOne(session, path));
    } catch (error) {
      if (!(error instanceof StateFileError)) throw error;
      problems.push(...error.problems);
    }
  }
  if (problems.length > 0) throw new StateFileError(problems);
  return { files, state: mergeStates(files) };
}

/** What a command says of files that are wrong. */
export function inputError({ problems }: StateFileError): CliError {
  const rest = 'Nothing was changed. Correct this and run the command again.';
  return new CliError(`${problemLines(problems)}\n${rest}`, exitStatus.usage);
}

/** More than this nobody reads. */
const MOST_SHOWN = 50;

/** A line for each problem, as far as somebody reads them. */
export function problemLines(
  problems: readonly (StateProblem & { readonly severity?: 'error' | 'warning' })[],
): string {
  const shown = problems.slice(0, MOST_SHOWN).map(({ severity, message, ...place }) => {
    const text = severity === 'warning' ? `warning: ${message}` : message;
    return printable(problemText({ ...place, message: text }));
  });
  const more = problems.length - shown.length;
  if (more > 0) shown.push(`... and ${more} more`);
  return shown.join('\n');
}

async function filesOf(file: string): Promise<readonly string[]> {
  if (file === STANDARD_INPUT) return [file];
  const found = await stat(file).catch((error: unknown) => {
    throw unreadable(file, errorText(error));
  });
  if (!found.isDirectory()) return [file];
  const names = await readdir(file).catch((error: unknown) => {
    throw unreadable(file, errorText(error));
  });
  const files = names.filter((name) => IN_FOLDER.test(name)).sort();
  if (files.length > 0) return files.map((name) => join(file, name));
  throw unreadable(file, 'there is no *.yaml, *.yml or *.json in this folder');
}

const unreadable = (file: string, reason: string): CliError =>
  new CliError(
    `Nothing was changed. Cannot read ${printable(file)}: ${printable(reason)}`,
    exitStatus.usage,
  );

async function readOne(session: Session, path: string): Promise<ParsedState> {
  const isInput = path === STANDARD_INPUT;
  const file = isInput ? 'standard input' : path;
  const bytes = await (isInput ? collected(session.io.stdin, file) : readFile(path));
  const text = textOf(bytes, file);
  if (isRules(withoutMark(text))) return readRules(session, bytes, file);
  const options = { file, ports: portNamesOf(session) };
  const parsed = parseWithoutYaml(text, options);
  if (parsed !== undefined) return parsed;
  const { parseYaml } = await import('../state/file/parse.js');
  return parseYaml(text, options);
}

/** Rules may have names of hosts, which are looked up. */
async function readRules(session: Session, bytes: Uint8Array, file: string): Promise<ParsedState> {
  const rules: Rule[] = [];
  const faults = await findFaults(session.reading, pieces(bytes), (rule) => rules.push(rule));
  return stateOfRules({ rules, faults }, file);
}

// eslint-disable-next-line @typescript-eslint/require-await -- rules are read as they arrive
async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield bytes;
}

function textOf(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    const message = 'the file is not text in UTF-8';
    throw new StateFileError([{ file, line: undefined, column: undefined, message }]);
  }
}

async function readFile(path: string): Promise<Uint8Array> {
  try {
    return await collected(readRegularFile(path), path);
  } catch (error) {
    if (error instanceof CliError || error instanceof StateFileError) throw error;
    if (!(error instanceof NotARegularFile)) throw unreadable(path, errorText(error));
    throw unreadable(path, 'it is neither a file nor a folder. For a pipe: -f -');
  }
}

/** All bytes, as far as a state file may reach. */
async function collected(
  input: AsyncIterable<Uint8Array | string>,
  file: string,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const piece of input) {
    const chunk = typeof piece === 'string' ? Buffer.from(piece) : piece;
    length += chunk.length;
    if (length > MOST_BYTES) throw tooLarge(file);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
