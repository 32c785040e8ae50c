import { broken } from '../report.js';
import type { Place } from '../report.js';
import type { Line } from './lines.js';

/** A keyword with its words, and the block behind it. */
export interface Statement extends Place {
  readonly keyword: string;
  /** The words behind the keyword, on its line. */
  readonly words: readonly string[];
  /** The line as it stands there, for keywords whose words have quotation marks of a shell. */
  readonly text: string;
  /** Undefined: it has none. */
  readonly block: readonly Statement[] | undefined;
}

/** A block that is not closed yet. */
interface OpenBlock {
  readonly statements: Statement[];
  /** What opened it; undefined for the whole file. */
  readonly opener: Statement | undefined;
}

const DEEPEST = 50;

/**
 * The statements of a configuration, as blocks.
 * @throws StateFileError when the braces do not match.
 */
export function readTree(lines: readonly Line[]): readonly Statement[] {
  const open: OpenBlock[] = [{ statements: [], opener: undefined }];
  for (const line of lines) {
    for (const text of pieces(line.text)) {
      const block = open.at(-1);
      if (block === undefined) return [];
      if (text === '{') open.push(opened(block, line, open.length));
      else if (text === '}') {
        if (open.length === 1) throw broken(line, '} closes nothing: there is no block open here');
        open.pop();
      } else block.statements.push(readStatement(line, text));
    }
  }
  const unclosed = open.at(-1)?.opener;
  if (unclosed !== undefined) {
    throw broken(unclosed, `${unclosed.keyword}: its block is not closed; a } is missing`);
  }
  return open[0]?.statements ?? [];
}

/** The block that a brace opens, which belongs to the statement before it. */
function opened({ statements }: OpenBlock, line: Line, depth: number): OpenBlock {
  const opener = statements.pop();
  if (opener === undefined || opener.block !== undefined) {
    throw broken(line, '{ opens a block, but no keyword stands before it');
  }
  if (depth > DEEPEST) throw broken(line, 'too many blocks inside each other');
  const block: Statement[] = [];
  statements.push({ ...opener, block });
  return { statements: block, opener };
}

/** A line divided at its braces, which stand for themselves outside of quotation marks. */
function pieces(text: string): readonly string[] {
  const found: string[] = [];
  let from = 0;
  let quoted = false;
  const end = (at: number) => {
    const piece = text.slice(from, at).trim();
    if (piece !== '') found.push(piece);
    from = at + 1;
  };
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === '"') quoted = !quoted;
    if (quoted || (character !== '{' && character !== '}')) continue;
    end(at);
    found.push(character);
  }
  end(text.length);
  return found;
}

function readStatement({ file, line }: Place, text: string): Statement {
  const [keyword = '', ...words] = wordsOf(text);
  return { file, line, keyword, words, text, block: undefined };
}

/** The words of a line; what stands in quotation marks is one. */
function wordsOf(text: string): readonly string[] {
  return Array.from(text.matchAll(/"([^"]*)"?|[^\s"]+/g), ([word, quoted]) => quoted ?? word);
}

const ESCAPED: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  E: '\u001b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};
/** A part of a word, as a shell has them: a blank, in quotation marks of either kind, a backslash, or anything else. */
const PART = /(\s+)|"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|((?:[^\s"'\\]|\\.)+)|(.)/gs;
const ESCAPE = /\\(?:x([\da-fA-F]+)|c(.)|([0-7]{1,3})|(.))/gs;

/** A program to be run, with its arguments. */
export interface Command {
  readonly words: readonly string[];
  /** What stands behind it, which keepalived does not pass on: arguments have to be in quotation marks with the program. */
  readonly ignored: readonly string[];
}

/**
 * The command behind a keyword, with quotation marks and backslashes as in a shell.
 * @returns undefined when there is none, or a quotation mark is not closed.
 */
export function commandOf({ text }: Statement): Command | undefined {
  const [, first = '', ...ignored] = shellWords(text) ?? [];
  const words = shellWords(first) ?? [];
  return words.length === 0 ? undefined : { words, ignored };
}

function shellWords(text: string): readonly string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  for (const [, blank, double, single, plain, stray] of text.matchAll(PART)) {
    if (stray !== undefined) return undefined;
    if (blank === undefined) word = (word ?? '') + unescaped(double ?? single ?? plain ?? '');
    else if (word !== undefined) {
      words.push(word);
      word = undefined;
    }
  }
  return word === undefined ? words : [...words, word];
}

function unescaped(text: string): string {
  return text.replaceAll(
    ESCAPE,
    (_, hex?: string, control?: string, octal?: string, other?: string) => {
      if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex.slice(-2), 16));
      if (control !== undefined) return String.fromCharCode(control.charCodeAt(0) & 0x1f);
      if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8) & 0xff);
      return ESCAPED[other ?? ''] ?? other ?? '';
    },
  );
}
