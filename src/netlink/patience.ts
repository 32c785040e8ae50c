import { constants } from 'node:os';
import { NetlinkError } from './errors.js';

/** How long a caller waits. */
export interface CallOptions {
  /** Ends the wait: the call rejects with the signal's reason. What was sent is not taken back. */
  readonly signal?: AbortSignal | undefined;
  /**
   * The longest wait for the kernel's next word, in milliseconds; the call then fails with ETIMEDOUT. Behind a first word it
   * may take an eighth, or 20 ms, longer. Default 10,000; Infinity for no limit. A kernel answers within microseconds unless
   * it loads a module first.
   */
  readonly deadlineMs?: number | undefined;
}

const DEFAULT_DEADLINE_MS = 10_000;
/** A longer timer would fire at once; this one takes 24 days. */
const LONGEST_TIMER_MS = 0x7fff_ffff;

/** Beats of the clock in a deadline, and the shortest beat. */
const BEATS = 8;
const SHORTEST_BEAT_MS = 10;

/**
 * The clock and the signal of one call: `expire` is called once, when either has run out. Every message
 * restarts the timeout. Re-arming a timer for each of thousands of messages is expensive, so a coarse ticker runs and a
 * message only resets a counter.
 */
export class Patience {
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort: () => void;
  #timer: NodeJS.Timeout | undefined;
  #quietBeats = 0;
  #ended = false;

  constructor(options: CallOptions, expire: (error: Error) => void) {
    const { signal, deadlineMs = DEFAULT_DEADLINE_MS } = options;
    this.#signal = signal;
    this.#onAbort = () => {
      this.end();
      expire(abortReason(signal));
    };
    signal?.addEventListener('abort', this.#onAbort, { once: true });
    if (deadlineMs === Infinity) return;
    this.#timer = this.#start(Math.min(deadlineMs, LONGEST_TIMER_MS), () => {
      this.end();
      const late = `no reply within ${deadlineMs} ms`;
      expire(new NetlinkError('receive', constants.errno.ETIMEDOUT, late));
    });
  }

  /** A message has arrived: the timeout restarts, if it is still running. */
  refresh(): void {
    // The beat that runs will not have been a quiet one.
    this.#quietBeats = -1;
  }

  /** The wait has only begun. */
  restart(): void {
    this.#quietBeats = 0;
    if (!this.#ended) this.#timer?.refresh();
  }

  end(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
    this.#signal?.removeEventListener('abort', this.#onAbort);
  }

  #start(deadlineMs: number, expire: () => void): NodeJS.Timeout {
    const beats = Math.min(Math.max(Math.floor(deadlineMs / SHORTEST_BEAT_MS), 1), BEATS);
    const timer = setTimeout(
      () => {
        this.#quietBeats += 1;
        if (this.#quietBeats >= beats) expire();
        else if (!this.#ended) timer.refresh();
      },
      Math.ceil(deadlineMs / beats),
    );
    return timer;
  }
}

/** Why a signal was aborted: as is, whatever its type, as Node's own functions reject. */
export function abortReason(signal: AbortSignal | undefined): Error {
  // What is thrown is typed as an Error throughout; the caller gets back its own value.
  return signal?.reason as Error;
}
