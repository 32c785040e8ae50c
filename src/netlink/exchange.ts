import { constants } from 'node:os';
import { NLMSG_DONE, NLMSG_ERROR, NLMSG_NOOP } from './constants.js';
import { NetlinkError } from './errors.js';
import type { NetlinkOperation } from './errors.js';
import { statusOf, visitMessages } from './message.js';
import type { Message } from './message.js';

/** A request that the kernel refused. */
export interface Refusal {
  /** Its place among the requests that were sent together, from 0. */
  readonly index: number;
  readonly error: NetlinkError;
}

/** The replies to one request. */
export interface Replies<T> {
  /**
   * The entries, one piece for each datagram that had any. The kernel does not change its table while it fills a datagram.
   */
  readonly pieces: readonly (readonly T[])[];
  /** Why the replies are incomplete. */
  readonly error: Error | undefined;
}

/** All that was read. @throws what went wrong. */
export function entriesIn<T>({ pieces, error }: Replies<T>): T[] {
  if (error !== undefined) throw error;
  return pieces.flat();
}

/** Errors after which more datagrams follow. */
const lossy: readonly number[] = [
  constants.errno.EBADMSG,
  constants.errno.EMSGSIZE,
  constants.errno.ENOBUFS,
];

/** Whether a datagram was lost or damaged, and others follow. */
export function isLossy(error: unknown): boolean {
  return error instanceof NetlinkError && lossy.includes(error.errno);
}

/**
 * Requests that were sent together, and their replies. It is given one datagram after another until it is over, and knows
 * no socket. After an error the rest is skipped up to the end, since the kernel starts no second dump before.
 */
export class Exchange<T> implements Replies<T> {
  readonly pieces: T[][] = [];
  readonly refusals: Refusal[] = [];
  error: Error | undefined;
  /** Whether all replies have been read. */
  over = false;
  readonly #first: number;
  readonly #last: number;
  readonly #operation: NetlinkOperation;
  readonly #read: (message: Message) => T | undefined;
  #piece: T[] = [];
  readonly #visit = (message: Message): void => {
    this.#take(message);
  };

  /**
   * @param first sequence number of the first request; of the others, those that follow.
   * @param read decodes a reply with data into an entry, or returns undefined to skip it.
   */
  constructor(
    first: number,
    last: number,
    operation: NetlinkOperation,
    read: (message: Message) => T | undefined,
  ) {
    this.#first = first;
    this.#last = last;
    this.#operation = operation;
    this.#read = read;
  }

  /** Reads a datagram. Messages with other sequence numbers belong to requests that were given up. */
  step(datagram: Uint8Array): void {
    try {
      visitMessages(datagram, this.#visit);
    } finally {
      if (this.#piece.length > 0) this.pieces.push(this.#piece);
      this.#piece = [];
    }
  }

  /** Records an error; the first one counts. */
  fail(error: Error): void {
    this.error ??= error;
  }

  /** Records that receiving failed, or that a datagram is damaged. */
  lose(error: Error): void {
    this.fail(error);
    if (!isLossy(error)) this.over = true;
  }

  #take(message: Message): void {
    const { type, sequence } = message;
    if (this.over || type === NLMSG_NOOP) return;
    if (sequence < this.#first || sequence > this.#last) return;
    if (type === NLMSG_ERROR || type === NLMSG_DONE) {
      const errno = statusOf(message);
      if (errno !== 0) {
        const error = new NetlinkError(this.#operation, errno);
        this.refusals.push({ index: sequence - this.#first, error });
      }
      this.over = sequence === this.#last;
    } else if (this.error === undefined) {
      try {
        const entry = this.#read(message);
        if (entry !== undefined) this.#piece.push(entry);
      } catch (error) {
        this.fail(error as Error);
      }
    }
  }
}
