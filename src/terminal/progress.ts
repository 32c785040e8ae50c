import type { Io, TextSink } from './io.js';

/** Work that is over sooner needs no such line. */
const PATIENCE_MS = 1000;
const INTERVAL_MS = 100;

/** A line on a terminal that says how far long work is, and is gone when it ends. */
export class Progress {
  readonly #open: Io['terminal'];
  #terminal: TextSink | undefined;
  #next: number | undefined;
  #isShown = false;

  /** @param terminal undefined: nobody would see it. */
  constructor(terminal: Io['terminal']) {
    this.#open = terminal;
  }

  /** The work is so far. The first call begins it. */
  async show(text: () => string): Promise<void> {
    if (this.#open === undefined) return;
    const now = performance.now();
    if (this.#next === undefined) this.#next = now + PATIENCE_MS;
    if (now < this.#next) return;
    this.#next = now + INTERVAL_MS;
    this.#terminal ??= await this.#open();
    // No terminal: never again.
    if (this.#terminal === undefined) this.#next = Infinity;
    else this.#isShown = true;
    await this.#terminal?.write(`\r${text()}\u001B[K`);
  }

  /** Makes room for other text, or for nothing. */
  async clear(): Promise<void> {
    if (!this.#isShown) return;
    this.#isShown = false;
    await this.#terminal?.write('\r\u001B[K');
  }
}
