import { performance } from 'node:perf_hooks';
import type { Pattern } from './pattern.js';
import type { Received } from './received.js';

/** A search may take this share of the time: one part in so many. */
const PART = 10;

/**
 * Looks for a pattern in what arrives. A server that sends its answer in ten thousands of pieces does not make ten thousands
 * of searches: what arrives soon after a search is searched together.
 */
export class Search {
  readonly #pattern: Pattern;
  readonly #received: Received;
  readonly #onFound: () => void;
  #timer: NodeJS.Timeout | undefined;
  #notBeforeMs = 0;
  #isOver = false;

  constructor(pattern: Pattern, received: Received, onFound: () => void) {
    this.#pattern = pattern;
    this.#received = received;
    this.#onFound = onFound;
  }

  /** Something has arrived. */
  soon(): void {
    if (this.#isOver || this.#timer !== undefined) return;
    const waitMs = this.#notBeforeMs - performance.now();
    if (waitMs <= 0) this.#search();
    else this.#timer = setTimeout(this.#search, waitMs);
  }

  /** Whether the pattern is in all that has arrived. Nothing more is searched after that. */
  last(): boolean {
    this.end();
    return this.#pattern.matches(this.#received.text);
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#isOver = true;
  }

  readonly #search = (): void => {
    this.#timer = undefined;
    const startMs = performance.now();
    const isFound = this.#pattern.matches(this.#received.text);
    const endMs = performance.now();
    this.#notBeforeMs = endMs + (endMs - startMs) * PART;
    if (!isFound) return;
    this.end();
    this.#onFound();
  };
}
