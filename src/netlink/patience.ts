import { constants } from 'node:os';
import { NetlinkError } from './errors.js';

/** How long a caller waits. */
export interface CallOptions {
  /** Ends the wait: the call rejects with the signal's reason. What was sent is not taken back. */
  readonly signal?: AbortSignal | undefined;
  /**
   * The longest wait for the kernel's next word, in milliseconds; the call then fails with ETIMEDOUT. Default 10,000;
   * Infinity for no limit. A kernel answers within microseconds unless it loads a module first.
   */
  readonly deadlineMs?: number | undefined;
}

const DEFAULT_DEADLINE_MS = 10_000;
/** A longer timer would fire at once; this one takes 24 days. */
const LONGEST_TIMER_MS = 0x7fff_ffff;

/** The clock and the signal of one call: `expire` is called once, when either has run out. */
export class Patience {
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort: () => void;
  readonly #timer: NodeJS.Timeout;
  #ended = false;

  constructor(options: CallOptions, expire: (error: Error) => void) {
    const { signal, deadlineMs = DEFAULT_DEADLINE_MS } = options;
    this.#signal = signal;
    this.#onAbort = () => {
      this.end();
      expire(abortReason(signal));
    };
    signal?.addEventListener('abort', this.#onAbort, { once: true });
    const late = `no reply within ${deadlineMs} ms`;
    this.#timer = setTimeout(
      () => {
        this.end();
        expire(new NetlinkError('receive', constants.errno.ETIMEDOUT, late));
      },
      Math.min(deadlineMs, LONGEST_TIMER_MS),
    );
  }

  /** The kernel has spoken: the clock starts anew, if it still runs. */
  refresh(): void {
    // A timer that was cleared would come to life again, and keep the process.
    if (!this.#ended) this.#timer.refresh();
  }

  end(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
    this.#signal?.removeEventListener('abort', this.#onAbort);
  }
}

/** Why a signal was aborted, as an Error. */
export function abortReason(signal: AbortSignal | undefined): Error {
  const reason: unknown = signal?.reason;
  return reason instanceof Error
    ? reason
    : new DOMException('The operation was aborted', 'AbortError');
}
