import type { Colours } from './colours.js';
import { textWidth } from './text-width.js';

/** A piece of a line, and how it is painted. */
export interface Span {
  readonly text: string;
  readonly style?: keyof Colours | undefined;
}

export type Line = readonly Span[];

/** A terminal that knows these shows a frame at once; others pass over them. */
const BEGIN = '\u001B[?2026h';
const END = '\u001B[?2026l';

/** Draws frames, each time only the lines that have changed. */
export class Painter {
  readonly #colours: Colours;
  #shown: readonly string[] = [];
  #columns = 0;

  constructor(colours: Colours) {
    this.#colours = colours;
  }

  /** The screen shows something else by now. */
  forget(): void {
    this.#columns = 0;
  }

  /** @returns what the terminal is to be sent; empty when nothing has changed. */
  paint(lines: readonly Line[], columns: number): string {
    const isNew = columns !== this.#columns || lines.length !== this.#shown.length;
    const painted = lines.map((line) => this.#paintLine(line, columns));
    const changes = painted
      .map((text, row) =>
        !isNew && text === this.#shown[row] ? '' : `\u001B[${row + 1};1H${text}`,
      )
      .join('');
    this.#shown = painted;
    this.#columns = columns;
    return changes === '' ? '' : `${BEGIN}${isNew ? '\u001B[0m\u001B[2J' : ''}${changes}${END}`;
  }

  #paintLine(line: Line, columns: number): string {
    const text = line
      .map(({ text, style }) => (style ? this.#colours[style](text) : text))
      .join('');
    const width = line.reduce((sum, span) => sum + textWidth(span.text), 0);
    // Behind the last column, it would erase the last character.
    return width < columns ? `${text}\u001B[K` : text;
  }
}

export function lineWidth(line: Line): number {
  return line.reduce((sum, { text }) => sum + textWidth(text), 0);
}

export function lineText(line: Line): string {
  return line.map(({ text }) => text).join('');
}
