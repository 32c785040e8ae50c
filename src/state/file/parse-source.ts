import { StateFileError } from './desired.js';
import type { StateProblem } from './desired.js';
import type { Flaw } from './check.js';
import { readJsonSource } from './json-source.js';
import type { ParsedState, ParseStateOptions } from './parsed.js';
import { readStateValue } from './read-state.js';
import { isRules, readRules, stateOfRules } from './rules-source.js';
import type { Source } from './source.js';

const DEFAULT_FILE = 'state';
const MOST_MEBIBYTES = 32;
/** As much as is read of a file. */
export const MOST_BYTES = MOST_MEBIBYTES * 2 ** 20;

/** A file that is larger than any that is meant. */
export function tooLarge(file: string): StateFileError {
  const message = `a state file may have ${MOST_MEBIBYTES} MiB at most`;
  return new StateFileError([{ file, line: undefined, column: undefined, message }]);
}

/**
 * Reads what can be read without the package `yaml`, which takes its time to load: JSON and rules.
 * @returns undefined when the text must be YAML.
 * @throws StateFileError
 */
export function parseWithoutYaml(
  whole: string,
  options: ParseStateOptions,
): ParsedState | undefined {
  const text = withoutMark(whole);
  const { file = DEFAULT_FILE, ports } = options;
  if (text.length > MOST_BYTES) throw tooLarge(file);
  if (isRules(text)) return stateOfRules(readRules(text, ports), file);
  const source = /^\s*\{/.test(text) ? readJsonSource(text) : undefined;
  return source && parseSource(source, options);
}

/** Some editors of Windows begin each file with a mark of its byte order. */
export const withoutMark = (text: string): string =>
  text.startsWith('\ufeff') ? text.slice(1) : text;

/** What a text that has been read as a value comes to. @throws StateFileError */
export function parseSource(
  source: Source,
  { file = DEFAULT_FILE, ports }: ParseStateOptions,
): ParsedState {
  const problems: StateProblem[] = source.problems.map(({ position, message }) => ({
    ...{ file, line: position?.line, column: position?.column },
    message,
  }));
  if (problems.length > 0) throw new StateFileError(problems);
  const { state, flaws } = readStateValue(source.value, ports);
  if (flaws.length > 0) {
    const found = flaws.map((flaw) => problemOf(flaw, file, source));
    throw new StateFileError(found.sort(inOrder));
  }
  return { file, state, placeOf: (path) => source.positionOf(path, 'value') };
}

function problemOf({ path, at, message, first }: Flaw, file: string, source: Source): StateProblem {
  const { line, column } = source.positionOf(path, at);
  if (first === undefined) return { file, line, column, message };
  const before = source.positionOf(first, 'value');
  return { file, line, column, message: `${message}, in line ${before.line}` };
}

const inOrder = (one: StateProblem, other: StateProblem): number =>
  (one.line ?? 0) - (other.line ?? 0) || (one.column ?? 0) - (other.column ?? 0);
