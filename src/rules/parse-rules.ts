import { LONGEST_LINE, readLines } from './read-lines.js';
import type { Invocation, KernelInvocation } from './invocation.js';
import { printable } from '../common/printable.js';
import type { Names } from './grammar/parsed-options.js';
import type { NameCache } from './names.js';
import { NO_COMMAND, parse } from './parse.js';
import type { Parsed } from './parse.js';
import type { RuleErrorKind } from './rule-error.js';

/** A line of the input, for complaints about it. */
export interface RuleLine {
  readonly number: number;
  readonly text: string;
}

/** A line that was read, and what it asks for. */
export interface Rule {
  readonly line: RuleLine;
  readonly invocation: KernelInvocation;
}

/** A line that asks for nothing that can be done. */
export interface Fault {
  readonly line: RuleLine;
  readonly complaint: string;
  /** What kind of mistake it is, where the line cannot be read. */
  readonly kind?: RuleErrorKind;
}

/** What reading rules needs. */
export interface ReadContext {
  readonly names: NameCache;
  /** Called now and then with the number of lines that were read. */
  readonly onProgress?: (lines: number) => Promise<void>;
}

/** The longest piece of a line that a complaint shows. */
const SHOWN_CHARACTERS = 200;
/** Input is checked as a whole, so it is kept as a whole: these bound what an endless one may take. */
const MOST_LINES = 1_000_000;
const MOST_MEBIBYTES = 256;
const MOST_FAULTS = 1000;
const TOO_MANY_LINES = `more than ${MOST_LINES} lines`;
const TOO_MANY_BYTES = `more than ${MOST_MEBIBYTES} MiB`;

/**
 * Reads all lines, until there are too many or too many are faulty.
 * @param take gets each rule that is right, also behind one that is wrong.
 */
export async function findFaults(
  { names, onProgress }: ReadContext,
  input: AsyncIterable<Uint8Array>,
  take: (rule: Rule) => void,
): Promise<readonly Fault[]> {
  const faults: Fault[] = [];
  const bounded = new BoundedInput(input);
  let number = 0;
  for await (const lines of readLines(bounded)) {
    await onProgress?.(number);
    for (let index = 0; index < lines.length; index += 1) {
      const text = lines[index] ?? '';
      number += 1;
      const line = { number, text };
      if (number > MOST_LINES) return [...faults, { line, complaint: TOO_MANY_LINES }];
      let read = readRule(line, names);
      if (read === 'lookup') {
        await lookUpNames(lines.slice(index), names);
        read = readRule(line, names);
      }
      if (typeof read !== 'object') continue;
      if ('invocation' in read) take(read);
      else if (faults.push(read) === MOST_FAULTS) return faults;
    }
  }
  if (bounded.isCut) faults.push({ line: { number, text: '' }, complaint: TOO_MANY_BYTES });
  return faults;
}

/** The pieces of the input, as far as they may reach. */
class BoundedInput {
  readonly #input: AsyncIterable<Uint8Array>;
  #isCut = false;

  constructor(input: AsyncIterable<Uint8Array>) {
    this.#input = input;
  }

  /** Whether there was more. */
  get isCut(): boolean {
    return this.#isCut;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    let bytes = 0;
    for await (const piece of this.#input) {
      bytes += piece.length;
      this.#isCut = bytes > MOST_MEBIBYTES * 2 ** 20;
      if (this.#isCut) return;
      yield piece;
    }
  }
}

/**
 * Empty lines and comments say nothing; the word `ipvsadm` may stand anywhere. `lookup` when a host name in the line has not
 * been looked up.
 */
export function readRule(line: RuleLine, names: Names): Rule | Fault | 'lookup' | undefined {
  if (line.text.length > LONGEST_LINE) return { line, complaint: 'the line is too long' };
  const words = wordsOf(line.text);
  if (words.length === 0 || words[0]?.startsWith('#') === true) return undefined;
  const parsed = parse(words, names);
  switch (parsed.kind) {
    case 'lookup':
      return 'lookup';
    case 'error':
      // One text ends in an empty line of its own, which would come between a complaint and its line.
      return faultOf(line, parsed.error.message.replace(/\n$/, ''), parsed.error.kind);
    case 'invocation': {
      const { invocation } = parsed;
      return isForKernel(invocation)
        ? { line, invocation }
        : faultOf(line, NO_COMMAND, 'no-command');
    }
  }
}

/** What Red Hat's configuration of its unit holds, which people take for the rules file. */
const SHELL_ASSIGNMENT = /^\s*[A-Z][A-Z0-9_]*=/;

function faultOf(line: RuleLine, complaint: string, kind: RuleErrorKind): Fault {
  if (kind !== 'no-command' || !SHELL_ASSIGNMENT.test(line.text)) return { line, complaint, kind };
  const reason = 'a shell assignment; that belongs to /etc/sysconfig/ipvsadm-config';
  return { line, complaint: reason, kind };
}

const TAB = 9;
const CR = 13;
const SPACE = 32;

function wordsOf(text: string): string[] {
  const words: string[] = [];
  let start = 0;
  for (let at = 0; at <= text.length; at += 1) {
    const code = at === text.length ? SPACE : text.charCodeAt(at);
    if (code !== SPACE && code !== TAB && code !== CR) continue;
    const word = text.slice(start, at);
    if (word !== '' && word !== 'ipvsadm') words.push(word);
    start = at + 1;
  }
  return words;
}

/** Looks up the host names in lines, those of all lines at once. */
async function lookUpNames(lines: readonly string[], names: NameCache): Promise<void> {
  for (;;) {
    // Of a line with several names each round finds one.
    const wanted = lines.map((text) => parse(wordsOf(text), names)).filter(isLookup);
    if (wanted.length === 0) return;
    const each = new Map(wanted.map((one) => [`${one.family} ${one.host}`, one]));
    await Promise.all(Array.from(each.values(), (one) => names.lookUpHost(one.host, one.family)));
  }
}

function isLookup(parsed: Parsed): parsed is Extract<Parsed, { kind: 'lookup' }> {
  return parsed.kind === 'lookup';
}

/** The others are for a command line alone: standard input is being read already. */
export function isForKernel(invocation: Invocation): invocation is KernelInvocation {
  const { command } = invocation;
  return command !== 'restore' && command !== 'help' && command !== 'version';
}

/** Which line, what is wrong with it, and the line itself. */
export function refusal(line: RuleLine, complaint: string): string {
  return `line ${line.number}: ${complaint}\n  ${shownLine(line)}`;
}

/** Which line is faulty, and why. */
export const faultText = ({ line, complaint }: Fault): string => refusal(line, complaint);

/** As much of a line as a complaint shows. */
export function shownLine({ text }: RuleLine): string {
  const line = text.trim();
  const shown = line.length > SHOWN_CHARACTERS ? `${line.slice(0, SHOWN_CHARACTERS)}...` : line;
  return printable(shown);
}
