import { Composer, Lexer, Parser } from 'yaml';
import type { Document, Node, ParsedNode, YAMLParseError } from 'yaml';
import { printable } from '../../common/printable.js';
import { Lines } from './position.js';
import type { Source, SourceProblem } from './source.js';
import { offsetOf, YamlValues } from './yaml-values.js';

/** Some 200 bytes of memory each. */
const MOST_LEXEMES = 2_000_000;
const MOST_BYTES = 8 * 2 ** 20;
/** A state file needs a dozen; the composer is recursive. */
const DEEPEST = 100;
/** One mistake often makes many. */
const MOST_PROBLEMS = 20;

type ReadDocument = Document.Parsed<ParsedNode>;

/** Reads YAML 1.2, with the place of each value. */
export function readYamlSource(text: string): Source {
  const lines = new Lines(text);
  const problems: SourceProblem[] = [];
  const complain = (offset: number, message: string) => {
    const position = lines.positionOf(Math.min(offset, text.length));
    if (problems.some((one) => one.position?.line === position.line)) return;
    if (problems.length < MOST_PROBLEMS) problems.push({ position, message: printable(message) });
  };
  const [document, second] = documentsOf(text, complain);
  const values = new YamlValues(complain);
  if (document !== undefined && problems.length === 0) checkDocument(document, text, complain);
  if (second !== undefined) {
    complain(second.range[0], 'a second document begins here; a state file is one document');
  }
  const root: Node | null = document?.contents ?? null;
  return {
    value: problems.length > 0 ? undefined : values.valueOf(root),
    problems,
    positionOf: (path, at) => {
      const node = values.nodeAt(root, path, at);
      return lines.positionOf(node === null ? 0 : offsetOf(node));
    },
  };
}

type Complain = (offset: number, message: string) => void;

/** The first two documents of a text, which is given up when it is too large or too deep. */
function documentsOf(text: string, complain: Complain): readonly ReadDocument[] {
  if (text.length > MOST_BYTES) {
    complain(0, `YAML may have ${MOST_BYTES / 2 ** 20} MiB; ${SPLIT}`);
    return [];
  }
  const parser = new Parser();
  const composer = new Composer({ keepSourceTokens: false, uniqueKeys: false, schema: 'core' });
  const documents: ReadDocument[] = [];
  let lexemes = 0;
  for (const lexeme of new Lexer().lex(text)) {
    lexemes += 1;
    if (lexemes > MOST_LEXEMES) {
      complain(parser.offset, `there is too much up to here for YAML; ${SPLIT}`);
      return [];
    }
    for (const token of parser.next(lexeme)) documents.push(...composer.next(token));
    if (parser.stack.length > DEEPEST) {
      complain(parser.offset, 'values are nested too deeply here');
      return [];
    }
    if (documents.length > 1) return documents;
  }
  for (const token of parser.end()) documents.push(...composer.next(token));
  documents.push(...composer.end(false, text.length));
  return documents;
}

const SPLIT = 'write it as JSON, or as several files in a folder';

function checkDocument(
  { errors, warnings, directives }: ReadDocument,
  text: string,
  complain: Complain,
): void {
  for (const error of [...errors, ...warnings]) complain(error.pos[0], messageOf(error, text));
  if (directives.yaml.explicit === true && directives.yaml.version !== '1.2') {
    complain(0, `YAML ${directives.yaml.version} is not read here: write YAML 1.2`);
  }
}

const IPV6_IN_BRACKETS = /(?:^|[-:,{[]\s+|\s)(\[[\dA-Fa-f.]*:[\dA-Fa-f:.]*\]:\w+)/;

function messageOf(
  { code, message, pos: [offset] }: Pick<YAMLParseError, 'code' | 'message' | 'pos'>,
  text: string,
): string {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  const line = text.slice(start, start + 1000).split('\n')[0] ?? '';
  const [, address] = IPV6_IN_BRACKETS.exec(line) ?? [];
  if (address !== undefined) return `an address in brackets must be in quotes: "${address}"`;
  if (code === 'TAB_AS_INDENT') return 'a tab cannot indent YAML; write spaces';
  const [first = ''] = message.split('\n');
  return `this is not YAML: ${first.replace(/ at line \d+, column \d+:?$/, '')}`;
}
