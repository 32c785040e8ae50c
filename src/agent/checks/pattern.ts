import { RE2JS, RE2JSException, RE2JSSyntaxException } from 're2js';
import { printable } from '../../common/printable.js';
import { CheckError } from './check-type.js';

/** A regular expression whose search takes time in proportion to the text, whatever the pattern and the text are. */
export interface Pattern {
  /** Whether it is found anywhere in the text, of which the first 64 Ki characters count. */
  matches(text: string): boolean;
}

/** As much as a check reads. */
const MOST_TEXT = 65_536;
const MOST_CHARACTERS = 2000;
/** The time of a search is at most in proportion to these too, and it holds up the whole agent. */
const MOST_INSTRUCTIONS = 250;
/** Thousands of servers have the same pattern: it is compiled once, and its states are learnt once. */
const MOST_KEPT = 200;
const kept = new Map<string, Pattern>();

/**
 * Compiles a regular expression, in the syntax of RE2. It is compiled by code that takes some milliseconds to load: only
 * what runs or tries checks may import this, not what reads state files for `ipvs apply`.
 * @throws CheckError when the pattern is none, or would take too long.
 */
export function compilePattern(source: string): Pattern {
  const known = kept.get(source);
  if (known !== undefined) return known;
  const pattern = compile(source);
  const [oldest] = kept.keys();
  if (kept.size >= MOST_KEPT && oldest !== undefined) kept.delete(oldest);
  kept.set(source, pattern);
  return pattern;
}

function compile(source: string): Pattern {
  if (source.length > MOST_CHARACTERS) {
    throw mistake(
      source,
      `it has ${source.length} characters, at most ${MOST_CHARACTERS} are allowed`,
    );
  }
  const expression = parse(source);
  if (expression.programSize() > MOST_INSTRUCTIONS) {
    throw mistake(
      source,
      'it would take too long to search for; write it with fewer or smaller repetitions',
    );
  }
  return { matches: (text) => expression.test(text.slice(0, MOST_TEXT)) };
}

function parse(source: string): RE2JS {
  try {
    return RE2JS.compile(source);
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    throw mistake(source, problemOf(source, error));
  }
}

function problemOf(source: string, error: RE2JSException): string {
  if (!(error instanceof RE2JSSyntaxException)) return printable(error.message);
  const where = error.input === null ? '' : ` at ${shown(error.input)}`;
  const unsupported = unsupportedIn(source, error);
  return unsupported === undefined
    ? `${printable(error.error)}${where}`
    : `${unsupported} cannot be used${where}, since searches must take little time`;
}

/** What other engines have, by how it begins. */
const UNSUPPORTED: readonly (readonly [start: RegExp, name: string])[] = [
  [/^\(\?<[=!]/, 'lookbehind'],
  [/^\(\?[=!]/, 'lookahead'],
  [/^\(\?>/, 'an atomic group'],
  [/^\\(?:[1-9]|k)/, 'a backreference'],
];

function unsupportedIn(source: string, { input }: RE2JSSyntaxException): string | undefined {
  if (input === null) return undefined;
  // Of `(?P=name)`, the engine names no more than this.
  if (input === '(?P' && source.includes('(?P=')) return 'a backreference';
  return UNSUPPORTED.find(([start]) => start.test(input))?.[1];
}

function mistake(source: string, problem: string): CheckError {
  return new CheckError(`the regular expression ${shown(source)} cannot be used: ${problem}`);
}

const MOST_SHOWN = 60;

function shown(text: string): string {
  return `'${printable(text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text)}'`;
}
