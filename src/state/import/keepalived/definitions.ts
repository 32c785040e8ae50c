import { broken } from '../report.js';
import type { Place } from '../report.js';

/** `$NAME`, before a blank, a comma, a parenthesis or the end, and `${NAME}`, which may have numbers in it. */
const REFERENCE = /\$(?:\{([A-Za-z_]\w*)((?: +\d+)*)\}|([A-Za-z_]\w*)(?=[\s,)]|$))/y;
const DEFINITION = /^\$([A-Za-z_]\w*)[ \t]*=[ \t]*(.*)$/s;

const MOST_REPLACEMENTS = 500;
const LONGEST_LINE = 65_536;

/** The value of a definition: one line, or several that are put in the place of the line that ends with its name. */
interface Definition {
  readonly lines: string[];
  isMultiline: boolean;
}

/** The definitions of a configuration (`$NAME=value`), as far as it has been read. */
export class Definitions {
  readonly #values = new Map<string, Definition>();
  /** The one whose lines are being read. */
  #open: Definition | undefined;

  /** Whether the next line belongs to a definition of several lines. */
  get isOpen(): boolean {
    return this.#open !== undefined;
  }

  set(name: string, value: string): void {
    this.#values.set(name, { lines: [value], isMultiline: false });
  }

  /** Takes a line that defines something. @returns whether it does. */
  define(text: string): boolean {
    const [, name, value = ''] = DEFINITION.exec(text) ?? [];
    if (name === undefined) return false;
    if (value.endsWith('\\')) {
      this.#open = { lines: [], isMultiline: true };
      this.#values.set(name, this.#open);
      this.add(value);
    } else this.set(name, value);
    return true;
  }

  /** Takes a line of the definition that is open, which ends with the first one that has no backslash at its end. */
  add(text: string): void {
    const definition = this.#open;
    if (definition === undefined) return;
    const goesOn = text.endsWith('\\');
    const line = (goesOn ? text.slice(0, -1) : text).trim();
    if (line !== '') definition.lines.push(line);
    if (!goesOn) this.close();
  }

  /** Ends the definition that is open. */
  close(): void {
    if (this.#open !== undefined && this.#open.lines.length < 2) this.#open.isMultiline = false;
    this.#open = undefined;
  }

  /**
   * Puts values in the place of names. What is not defined stays as it is.
   * @returns the lines that it comes to; undefined when nothing was replaced.
   * @throws StateFileError when that has no end.
   */
  replace(text: string, place: Place): readonly string[] | undefined {
    let current = text;
    let replacements = 0;
    let at = current.indexOf('$');
    while (at !== -1) {
      REFERENCE.lastIndex = at;
      const found = REFERENCE.exec(current);
      const [match = '', braced, numbers = '', bare] = found ?? [];
      const end = at + match.length;
      const definition = this.#values.get(braced ?? bare ?? '');
      const isUsable =
        found !== null &&
        definition !== undefined &&
        numbers === '' &&
        (!definition.isMultiline || end === current.length);
      if (!isUsable) {
        at = current.indexOf('$', at + 1);
        continue;
      }
      replacements += 1;
      const [first = '', ...more] = definition.lines;
      if (more.length > 0) return [current.slice(0, at) + first, ...more];
      current = current.slice(0, at) + first + current.slice(end);
      if (replacements > MOST_REPLACEMENTS || current.length > LONGEST_LINE) {
        throw broken(place, 'the definitions in this line have no end: one refers to itself');
      }
      // What it repeats has names of its own.
      if (first.startsWith('~')) break;
      at = current.indexOf('$', at);
    }
    return replacements === 0 ? undefined : [current];
  }
}
