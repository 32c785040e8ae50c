import { constants } from 'node:os';
import { NLMSG_DONE, NLMSG_ERROR, NLMSG_NOOP } from './constants.js';
import { NetlinkError } from './errors.js';
import { statusOf, visitMessages } from './message.js';
import type { Message } from './message.js';
import type { DirectSocket } from './socket.js';

/** Something was lost, and more comes. Behind any other error nothing does: EAGAIN, say. */
const lossy: readonly number[] = [
  constants.errno.EBADMSG,
  constants.errno.EMSGSIZE,
  constants.errno.ENOBUFS,
];

/** Collects the entries of a dump that is read to its end at once. */
export class DirectDump<T> {
  readonly sequence: number;
  readonly #read: (message: Message) => T | undefined;
  readonly #others: (message: Message) => void;
  readonly #visit = (message: Message): void => {
    this.#hear(message);
  };
  readonly #pieces: T[][] = [];
  #piece: T[] = [];
  #error: Error | undefined;
  #over = false;

  /** @param others takes what answers other calls. */
  constructor(
    sequence: number,
    read: (message: Message) => T | undefined,
    others: (message: Message) => void,
  ) {
    this.sequence = sequence;
    this.#read = read;
    this.#others = others;
  }

  /** Whether the kernel has said all. */
  get over(): boolean {
    return this.#over;
  }

  /** Reads a datagram. The rest is read also behind an error: the kernel allows no second dump before. */
  receive(socket: DirectSocket): void {
    try {
      visitMessages(socket.receive(), this.#visit);
    } catch (error) {
      this.#error ??= error as Error;
      if (!(error instanceof NetlinkError && lossy.includes(error.errno))) this.#over = true;
    }
    if (this.#piece.length === 0) return;
    this.#pieces.push(this.#piece);
    this.#piece = [];
  }

  /** What each datagram gave. Throws what went wrong. */
  pieces(): readonly (readonly T[])[] {
    if (this.#error !== undefined) throw this.#error;
    return this.#pieces;
  }

  #hear(message: Message): void {
    const { type, sequence } = message;
    if (type === NLMSG_NOOP) return;
    if (sequence !== this.sequence) {
      this.#others(message);
    } else if (type === NLMSG_ERROR || type === NLMSG_DONE) {
      const errno = statusOf(message);
      if (errno !== 0) this.#error ??= new NetlinkError('dump', errno);
      this.#over = true;
    } else if (this.#error === undefined) {
      try {
        const entry = this.#read(message);
        if (entry !== undefined) this.#piece.push(entry);
      } catch (error) {
        this.#error = error as Error;
      }
    }
  }
}
