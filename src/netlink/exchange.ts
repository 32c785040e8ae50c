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

/** What came back for one request. */
export interface Replies<T> {
  /**
   * What was read, a piece for each datagram that had any: the kernel has not changed its table while it filled one.
   */
  readonly pieces: readonly (readonly T[])[];
  /** Why there is no more. */
  readonly error: Error | undefined;
}

/** All that was read. @throws what went wrong. */
export function entriesIn<T>({ pieces, error }: Replies<T>): T[] {
  if (error !== undefined) throw error;
  return pieces.flat();
}

/** Errors behind which more datagrams come. */
const lossy: readonly number[] = [
  constants.errno.EBADMSG,
  constants.errno.EMSGSIZE,
  constants.errno.ENOBUFS,
];

/** Whether a datagram was lost or damaged, and others come. */
export function isLossy(error: unknown): boolean {
  return error instanceof NetlinkError && lossy.includes(error.errno);
}

/**
 * Requests that were sent together, and what the kernel answers: fed with one datagram after the other until it is over. It
 * knows no socket. After an error the rest is passed over, up to the end: the kernel allows no second dump before.
 */
export class Exchange<T> implements Replies<T> {
  readonly pieces: T[][] = [];
  readonly refusals: Refusal[] = [];
  error: Error | undefined;
  /** Whether the kernel has said all. */
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
   * @param read makes an entry of a reply with data, or passes it over.
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

  /** Reads a datagram. Messages with other sequence numbers answer requests that were given up. */
  step(datagram: Uint8Array): void {
    try {
      visitMessages(datagram, this.#visit);
    } finally {
      if (this.#piece.length > 0) this.pieces.push(this.#piece);
      this.#piece = [];
    }
  }

  /** Something went wrong; the first such thing counts. */
  fail(error: Error): void {
    this.error ??= error;
  }

  /** Receiving went wrong, or what was received is damaged. */
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
