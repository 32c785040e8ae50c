import { ImportReport } from '../report.js';
import type { About } from '../report.js';
import type { ImportNote } from '../imported.js';

/** A report on the one file that ldirectord reads: places in it are lines. */
export class LineReport {
  readonly #file: string;
  readonly #report: ImportReport;

  constructor(file: string, report = new ImportReport()) {
    this.#file = file;
    this.#report = report;
  }

  /** This report, with notes that are about a service, or a real server of it. */
  about(about: About): LineReport {
    return new LineReport(
      this.#file,
      this.#report.about(() => about),
    );
  }

  /** The line is wrong: nothing is imported, but reading goes on. */
  wrong(line: number, message: string): void {
    this.#report.problem({ file: this.#file, line }, message);
  }

  /** A state file cannot express it. */
  lost(line: number, message: string): void {
    this.#report.lost({ file: this.#file, line }, message);
  }

  /** It is said, and may surprise. */
  info(line: number, message: string): void {
    this.#report.info({ file: this.#file, line }, message);
  }

  /** In the order of their lines. @throws StateFileError when something is wrong. */
  notes(): readonly ImportNote[] {
    return this.#report.notes();
  }
}
