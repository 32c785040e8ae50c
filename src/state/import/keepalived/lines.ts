import { dirname, resolve } from 'node:path';
import { StateFileError } from '../../file/desired.js';
import type { ImportSources } from '../imported.js';
import { broken } from '../report.js';
import type { ImportReport, Place } from '../report.js';
import { Definitions } from './definitions.js';
import { isRepetition, readRepetition } from './sequences.js';

/** A line of a configuration, with all that it stands for. */
export interface Line extends Place {
  readonly text: string;
}

/** What keeps the reading of any input short. */
const MOST = { files: 2000, depth: 30, lines: 500_000, steps: 2_000_000 };
const INCLUDE = /^include([rmwba]?)\s+(.*)$/s;
/** Of the forms with a letter, which want the file to be there. */
const SELF = '-';

/**
 * The lines of a configuration and of the files that it includes, without comments, with definitions put in and
 * conditional lines decided.
 * @throws StateFileError when there is no such file, or reading has no end.
 */
export async function readLines(
  file: string,
  sources: ImportSources,
  report: ImportReport,
): Promise<readonly Line[]> {
  const reader = new LineReader(sources, report);
  await reader.readFile(file, []);
  return reader.lines;
}

class LineReader {
  readonly lines: Line[] = [];
  readonly #sources: ImportSources;
  readonly #report: ImportReport;
  readonly #definitions = new Definitions();
  #files = 0;
  #steps = 0;
  #saidConditions = false;

  constructor(sources: ImportSources, report: ImportReport) {
    this.#sources = sources;
    this.#report = report;
    this.#definitions.set('_INSTANCE', this.#configId);
    this.#definitions.set('_HASH', '#');
    this.#definitions.set('_BANG', '!');
  }

  get #configId(): string {
    return this.#sources.configId ?? '';
  }

  /** @param above the files that include it, the outermost first, with the line that does. */
  async readFile(file: string, above: readonly Place[]): Promise<void> {
    const by = above.at(-1);
    this.#files += 1;
    if (by !== undefined && (above.length > MOST.depth || this.#files > MOST.files)) {
      throw broken(by, 'too many files include each other: does one include itself?');
    }
    const text = await this.#sources.read(file);
    if (text === undefined) {
      throw new StateFileError([
        { file, line: undefined, column: undefined, message: 'there is no such file' },
      ]);
    }
    const folder = file === SELF ? '.' : dirname(file);
    for (const [index, raw] of text.split('\n').entries()) {
      // A file that is included may have its own.
      this.#definitions.set('_PWD', resolve(folder));
      await this.#readRaw(raw.replace(/\r+$/, ''), { file, line: index + 1 }, above);
    }
    this.#definitions.close();
  }

  async #readRaw(raw: string, place: Place, above: readonly Place[]): Promise<void> {
    const text = this.#withoutComment(raw, place);
    if (this.#definitions.isOpen) {
      if (raw === '') this.#definitions.close();
      else if (text !== '') this.#definitions.add(text);
    } else if (text !== '') await this.#readLine(text, place, above);
  }

  #withoutComment(raw: string, place: Place): string {
    // eslint-disable-next-line no-control-regex -- they have no place in a configuration
    if (/[\x00-\x08\x0e-\x1f\x7f]/.test(raw)) {
      throw broken(place, 'a control character: this is no text file');
    }
    const { text, isQuoteOpen } = withoutComment(raw);
    if (isQuoteOpen) this.#report.problem(place, 'a quotation mark (") is not closed');
    return text;
  }

  /** Reads a line that may be conditional, a definition, repeated, or full of names of definitions. */
  async #readLine(text: string, place: Place, above: readonly Place[], depth = 0): Promise<void> {
    this.#steps += 1;
    if (depth > MOST.depth || this.#steps > MOST.steps || this.lines.length > MOST.lines) {
      throw broken(place, 'the definitions or repetitions in this line come to too many lines');
    }
    const chosen = text.startsWith('@') ? this.#chosen(text, place) : text;
    if (chosen === undefined || this.#definitions.define(chosen)) return;
    if (isRepetition(chosen)) return this.#repeat(chosen, place, above, depth);
    const replaced = this.#replace(chosen, place);
    if (replaced !== undefined) {
      for (const line of replaced) await this.#readLine(line.trim(), place, above, depth + 1);
      return;
    }
    const [, kind = '', pattern] = INCLUDE.exec(chosen) ?? [];
    if (pattern !== undefined) await this.#include(pattern, kind !== '', place, above);
    else if (chosen !== '') this.lines.push({ ...place, text: chosen });
  }

  #replace(text: string, place: Place): readonly string[] | undefined {
    if (!text.includes('$')) return undefined;
    const random = /\$\{_RANDOM(?: +(\d+))?[ \d]*\}/g;
    if (!random.test(text)) return this.#definitions.replace(text, place);
    this.#report.lost(place, 'a random number is not possible here: the smallest one was taken');
    return [text.replace(random, (_, least: string | undefined) => least ?? '0')];
  }

  /** The rest of a line that begins with `@id` or `@^id`, if it is for this machine. */
  #chosen(text: string, place: Place): string | undefined {
    const [, not, id, rest] = /^@(\^?)(\S*)\s+(.*)$/s.exec(text) ?? [];
    if (rest === undefined) return undefined;
    if (!this.#saidConditions) {
      this.#saidConditions = true;
      this.#report.info(
        place,
        `lines that begin with @ were read as keepalived does with "-i ${this.#configId}"; for another id: --config-id`,
      );
    }
    return (id === this.#configId) !== (not === '^') ? rest : undefined;
  }

  async #repeat(text: string, place: Place, above: readonly Place[], depth: number) {
    const repetition = readRepetition(
      text,
      (values) => this.#definitions.replace(values, place)?.[0] ?? values,
    );
    if (repetition === undefined) {
      this.#report.problem(place, `cannot read this repetition, or it is too long: ${text}`);
      return;
    }
    for (const bindings of repetition.bindings) {
      for (const [name, value] of bindings) this.#definitions.set(name, value);
      await this.#readLine(repetition.text, place, above, depth + 1);
    }
  }

  async #include(pattern: string, isNeeded: boolean, place: Place, above: readonly Place[]) {
    const folder = place.file === SELF ? '.' : dirname(place.file);
    const files = await this.#sources.glob(resolve(folder, pattern));
    if (files.length === 0) {
      const message = `include: there is no file ${pattern}`;
      if (isNeeded) this.#report.problem(place, message);
      else this.#report.lost(place, message);
    }
    for (const file of files) await this.readFile(file, [...above, place]);
  }
}

/** A line without its comment, which `!` and `#` begin outside of quotation marks, and without blanks around it. */
export function withoutComment(raw: string): {
  readonly text: string;
  readonly isQuoteOpen: boolean;
} {
  let text = '';
  let quoted = false;
  for (let at = 0; at < raw.length; at += 1) {
    const character = raw.charAt(at);
    const next = raw.charAt(at + 1);
    if (character === '\\' && next !== '') {
      // Outside of quotation marks a backslash makes these two ordinary characters.
      text += !quoted && (next === '#' || next === '!') ? next : character + next;
      at += 1;
      continue;
    }
    if (!quoted && (character === '#' || character === '!')) {
      // A definition of several lines goes on behind the comment.
      if (raw.endsWith('\\')) text += ' \\';
      break;
    }
    if (character === '"') quoted = !quoted;
    text += character;
  }
  return { text: text.trim(), isQuoteOpen: quoted };
}
