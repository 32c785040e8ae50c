/** The parts of the project's texts that can be tried. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { project } from '../support/sources.js';

export function readText(path: string): string {
  return readFileSync(join(project, path), 'utf8');
}

/** A fenced block of a text in Markdown. */
export interface Block {
  readonly language: string;
  readonly content: string;
  /** Where its content begins: `README.md:24`. */
  readonly place: string;
}

export function blocksOf(path: string): Block[] {
  const text = readText(path);
  return Array.from(text.matchAll(/^```(\w+)\n([^]*?)^```$/gm), (match) => {
    const [, language = '', content = ''] = match;
    const line = text.slice(0, match.index).split('\n').length + 1;
    return { language, content, place: `${path}:${line}` };
  });
}

/** A line that is typed and what is seen then. Blanks at the ends of lines do not count: nobody sees them. */
export interface Step {
  readonly command: string;
  readonly output: string;
}

/** The steps of a `console` block: lines that begin with `# ` are typed, and a here-document down to its END. */
export function stepsOf({ content, place }: Block): Step[] {
  const [before, ...steps] = content.split(/^# /m);
  if (before !== '') throw new Error(`${place}: begins with output`);
  return steps.map((step) => {
    const [command = ''] = /^.*<<END\n[^]*?^END$|^.*$/m.exec(step) ?? [];
    return { command, output: withoutTrailingBlanks(step.slice(command.length + 1)) };
  });
}

export function withoutTrailingBlanks(text: string): string {
  return text.replaceAll(/[ \t]+$/gm, '');
}

/** The cells of every row of every table, without the headings. */
export function rowsOf(path: string): string[][] {
  const rows = readText(path).match(/^\|.*\|$/gm) ?? [];
  const cells = rows.map((row) =>
    row
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  );
  return cells.filter((row, index) => !isRule(row) && !isRule(cells[index + 1] ?? []));
}

const isRule = (row: readonly string[]): boolean =>
  row.length > 0 && row.every((cell) => /^:?-+:?$/.test(cell));

/** What stands between backticks. */
export function codeIn(text: string): string[] {
  return Array.from(text.matchAll(/`([^`\n]+)`/g), ([, code = '']) => code);
}

/** The command lines of a manual page's examples: lines of its displays that begin with one of our commands. */
export function commandsInManual(path: string): string[] {
  const examples =
    readText(path)
      .split(/^\.Sh EXAMPLES\n/m)[1]
      ?.split(/^\.Sh /m)[0] ?? '';
  const displays = Array.from(
    examples.matchAll(/^\.Bd .*\n([^]*?)^\.Ed$/gm),
    ([, text = '']) => text,
  );
  return displays.flatMap((text) => {
    const lines = text.replaceAll(/\\e\n\s*/g, '');
    return lines.match(/^ipvs(?:adm(?:-save|-restore)?)? .*$/gm) ?? [];
  });
}
