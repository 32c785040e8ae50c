import { formatDestinationId } from '../../ipvs/model/destination.js';
import type { DestinationId } from '../../ipvs/model/destination.js';
import { formatServiceId } from '../../ipvs/model/service.js';
import type { ServiceId } from '../../ipvs/model/service.js';
import { printable } from '../../common/printable.js';
import { StateFileError } from '../file/desired.js';
import type { StateProblem } from '../file/desired.js';
import type { ImportNote } from './imported.js';

/** Where something stands in a configuration. */
export interface Place {
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

/** What a note is about: a service, or a real server of it. */
export interface About {
  readonly service: ServiceId;
  readonly server?: DestinationId | undefined;
}

/** More would not be read. */
const MOST_PROBLEMS = 200;

/** What was found, of all parts of a configuration. */
interface Findings {
  readonly problems: StateProblem[];
  readonly notes: { readonly note: ImportNote; readonly about: AboutLater }[];
  count: number;
}

/** Known at the end only: what a service is called may stand below the notes about it. */
type AboutLater = () => About | undefined;

/** Collects what is wrong with a configuration, and what a reader of the result has to know. */
export class ImportReport {
  readonly #findings: Findings;
  readonly #about: AboutLater;

  constructor(
    findings: Findings = { problems: [], notes: [], count: 0 },
    about: AboutLater = () => undefined,
  ) {
    this.#findings = findings;
    this.#about = about;
  }

  /** This report, for a part of the configuration: its notes are about a service, or a real server. */
  about(about: AboutLater): ImportReport {
    return new ImportReport(this.#findings, about);
  }

  /** The file is broken here: nothing is imported, but reading goes on, to find what else is wrong. */
  problem(place: Place, message: string): void {
    const { problems } = this.#findings;
    this.#findings.count += 1;
    if (problems.length < MOST_PROBLEMS) problems.push(problemAt(place, message));
  }

  /** A state file cannot express it, or not quite. */
  lost(place: Place, message: string): void {
    this.#note('lost', place, message);
  }

  /** The state file has it, but it may surprise. */
  info(place: Place, message: string): void {
    this.#note('info', place, message);
  }

  #note(kind: ImportNote['kind'], { file, line }: Place, message: string): void {
    const note = { file, line, message: printable(message), kind };
    this.#findings.notes.push({ note, about: this.#about });
  }

  /**
   * The notes, in the order of their lines; files in the order in which they are named first.
   * @throws StateFileError when there were problems.
   */
  notes(): readonly ImportNote[] {
    const { problems, notes, count } = this.#findings;
    const [first] = problems;
    if (first === undefined) return inOrder(withoutRepetitions(notes.map(noteAbout)));
    const more = count - problems.length;
    const rest = more === 0 ? [] : [{ ...first, message: `${more} more problems are not shown` }];
    throw new StateFileError([...inOrder(problems), ...rest]);
  }
}

/** What a line says of many real servers of a service is noted once. */
function withoutRepetitions(notes: readonly ImportNote[]): readonly ImportNote[] {
  const distinct = new Map<string, ImportNote>();
  for (const note of notes) {
    const key = JSON.stringify([note.file, note.line, note.message, note.service]);
    if (!distinct.has(key)) distinct.set(key, note);
  }
  return [...distinct.values()];
}

/** By their files, as these are named first, and their lines. */
function inOrder<Placed extends Pick<StateProblem, 'file' | 'line'>>(
  all: readonly Placed[],
): readonly Placed[] {
  const files = [...new Set(all.map(({ file }) => file))];
  const rank = new Map(files.map((file, index) => [file, index]));
  const rankOf = ({ file }: Placed) => rank.get(file) ?? 0;
  return all.toSorted((a, b) => rankOf(a) - rankOf(b) || (a.line ?? 0) - (b.line ?? 0));
}

function noteAbout({ note, about }: Findings['notes'][number]): ImportNote {
  const found = about();
  if (found === undefined) return note;
  const service = formatServiceId(found.service);
  if (found.server === undefined) return { ...note, service };
  return { ...note, service, server: formatDestinationId(found.server) };
}

/** Ends an import at once: what follows could not be understood. */
export function broken(place: Place, message: string): StateFileError {
  return new StateFileError([problemAt(place, message)]);
}

function problemAt({ file, line }: Place, message: string): StateProblem {
  return { file, line, column: undefined, message: printable(message) };
}
