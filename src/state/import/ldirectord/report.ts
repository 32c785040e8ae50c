import { StateFileError } from '../../file/desired.js';
import type { StateProblem } from '../../file/desired.js';
import type { ImportNote } from '../imported.js';

/** More would not be read. */
const MOST_PROBLEMS = 1000;

/** The service, and perhaps the real server of it, that a note is about. */
export type NotePlace = Pick<ImportNote, 'service' | 'server'>;

/** Collects what is wrong with a configuration, and what a reader of its import has to know. */
export class Report {
  readonly #file: string;
  readonly #problems: StateProblem[] = [];
  readonly #notes = new Map<string, ImportNote>();

  constructor(file: string) {
    this.#file = file;
  }

  /** @throws StateFileError when there are too many already. */
  wrong(line: number | undefined, message: string): void {
    this.#problems.push({ file: this.#file, line, column: undefined, message });
    if (this.#problems.length === MOST_PROBLEMS) throw new StateFileError(this.#problems);
  }

  /** A state file cannot say it. */
  lost(line: number, message: string, place: NotePlace = {}): void {
    this.#note({ file: this.#file, line, message, kind: 'lost', ...place });
  }

  /** It is said, and may surprise. */
  info(line: number, message: string, place: NotePlace = {}): void {
    this.#note({ file: this.#file, line, message, kind: 'info', ...place });
  }

  /** What a line says of many real servers is noted once. */
  #note(note: ImportNote): void {
    const key = JSON.stringify([note.line, note.message, note.service]);
    if (!this.#notes.has(key)) this.#notes.set(key, note);
  }

  /** In the order of their lines. @throws StateFileError when something is wrong. */
  notes(): readonly ImportNote[] {
    if (this.#problems.length > 0) {
      const byLine = (a: StateProblem, b: StateProblem) => (a.line ?? 0) - (b.line ?? 0);
      throw new StateFileError(this.#problems.sort(byLine));
    }
    return [...this.#notes.values()].sort((a, b) => a.line - b.line);
  }
}
