import { errorText } from '../../common/system-errors.js';
import { isThere } from '../../host/is-there.js';
import { keepFile } from '../../host/keep-file.js';
import type { Clock } from './clock.js';

export interface MemoryFileOptions {
  readonly clock: Clock;
  readonly path: string;
  readonly text: () => string;
  /** It cannot be written. It is tried again; this is called once. */
  readonly onFailure: (reason: string) => void;
  /** It could be written again. */
  readonly onSuccess: (reason: string) => void;
}

const AT_MOST_EACH_MS = 1000;
/** Of a large file, writing takes no more than this part of the time. */
const PART_OF_TIME = 50;

/** A file that is written soon after what it holds has changed, whole or not at all, and at most once a second. */
export class MemoryFile {
  readonly #options: MemoryFileOptions;
  #callOff: (() => void) | undefined;
  #writing: Promise<void> | undefined;
  #isStale = false;
  #hasFailed = false;
  #isWritten = false;
  #isClosed = false;
  #earliestMs = 0;

  constructor(options: MemoryFileOptions) {
    this.#options = options;
  }

  /** What it holds has changed. */
  changed(): void {
    this.#isStale = true;
    if (this.#callOff !== undefined || this.#writing !== undefined || this.#isClosed) return;
    const { clock } = this.#options;
    const when = Math.max(clock.monotonicMs(), this.#earliestMs);
    this.#callOff = clock.at(when, () => {
      this.#callOff = undefined;
      void this.#write();
    });
  }

  /** Writes now, if it has changed. */
  async flush(): Promise<void> {
    await this.#writing;
    this.#callOff?.();
    this.#callOff = undefined;
    if (this.#isStale) await this.#write();
  }

  /** Writes it again if it was written, and somebody has removed it. */
  async restore(): Promise<void> {
    if (this.#isWritten && !(await isThere(this.#options.path))) this.changed();
  }

  /** Writes for the last time. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.flush();
  }

  #write(): Promise<void> {
    this.#isStale = false;
    this.#writing ??= this.#replace().finally(() => {
      this.#writing = undefined;
      if (this.#isStale) this.changed();
    });
    return this.#writing;
  }

  async #replace(): Promise<void> {
    const { clock, path, text, onFailure, onSuccess } = this.#options;
    const startedMs = clock.monotonicMs();
    try {
      await keepFile(path, text());
      if (this.#hasFailed) onSuccess(`${path} could be written again`);
      this.#hasFailed = false;
      this.#isWritten = true;
    } catch (error) {
      if (!this.#hasFailed) onFailure(`cannot write ${path}: ${errorText(error)}`);
      this.#hasFailed = true;
      // There may be room later.
      this.#isStale = true;
    }
    const tookMs = clock.monotonicMs() - startedMs;
    this.#earliestMs = startedMs + Math.max(AT_MOST_EACH_MS, PART_OF_TIME * tookMs);
  }
}
