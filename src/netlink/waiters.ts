import { NetlinkError } from './errors.js';
import type { Message } from './message.js';
import { Patience } from './patience.js';
import type { CallOptions } from './patience.js';

/** Waits for the replies to one request, or to a run of requests with sequence numbers from `first` to `last`. */
export interface Waiter {
  readonly first: number;
  readonly last: number;
  /** A datagram that belongs to it has arrived: its timeout restarts. */
  heard(): void;
  /** A reply with data. */
  reply(message: Message): void;
  /** An ACK, an error, or the end of a dump: errno 0 is success. Returns true when nothing more is awaited. */
  status(sequence: number, errno: number): boolean;
  /**
   * The call has failed; `final` when the kernel will say no more of it. Returns true when nothing more is awaited.
   */
  fail(error: Error, final: boolean): boolean;
}

/** A promise and the functions that settle it. */
class Settled<T> {
  readonly promise: Promise<T>;
  declare resolve: (value: T) => void;
  declare reject: (error: Error) => void;

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }
}

/** Waits for the data of one request and for the ACK behind it. */
export class QueryWaiter<T> implements Waiter {
  readonly first: number;
  readonly last: number;
  readonly #read: (message: Message) => T;
  readonly #replies: T[] = [];
  readonly #settled = new Settled<T[]>();
  readonly #patience: Patience;

  constructor(sequence: number, read: (message: Message) => T, options: CallOptions) {
    this.first = sequence;
    this.last = sequence;
    this.#read = read;
    this.#patience = new Patience(options, this.#settled.reject);
  }

  get done(): Promise<T[]> {
    return this.#settled.promise;
  }

  heard(): void {
    this.#patience.refresh();
  }

  reply(message: Message): void {
    try {
      this.#replies.push(this.#read(message));
    } catch (error) {
      this.fail(error as Error);
    }
  }

  status(_sequence: number, errno: number): boolean {
    this.#patience.end();
    if (errno === 0) this.#settled.resolve(this.#replies);
    else this.#settled.reject(new NetlinkError('request', errno));
    return true;
  }

  fail(error: Error): boolean {
    this.#patience.end();
    this.#settled.reject(error);
    return true;
  }
}

/** A request of a group that was refused: its place in the group, from 0. */
export interface GroupRefusal {
  readonly place: number;
  readonly error: NetlinkError;
}

/** Waits for the errors of a group of requests, and for the ACK or the error of its last. */
export class BatchWaiter implements Waiter {
  readonly first: number;
  readonly last: number;
  readonly #refusals: GroupRefusal[] = [];
  readonly #settled = new Settled<GroupRefusal[]>();
  readonly #patience: Patience;

  constructor(first: number, last: number, options: CallOptions) {
    this.first = first;
    this.last = last;
    this.#patience = new Patience(options, this.#settled.reject);
  }

  get done(): Promise<GroupRefusal[]> {
    return this.#settled.promise;
  }

  heard(): void {
    this.#patience.refresh();
  }

  reply(): void {
    // Requests that change something answer with a status alone.
  }

  status(sequence: number, errno: number): boolean {
    if (errno !== 0) {
      this.#refusals.push({
        place: sequence - this.first,
        error: new NetlinkError('request', errno),
      });
    }
    if (sequence !== this.last) return false;
    this.#patience.end();
    this.#settled.resolve(this.#refusals);
    return true;
  }

  fail(error: Error): boolean {
    this.#patience.end();
    this.#settled.reject(error);
    return true;
  }
}

/**
 * Collects the entries of a dump, those of a datagram in a piece. A dump that its caller gave up goes on in the kernel, which
 * allows no second one before its end: so the waiter stays, and drops what comes, until `onEnd` is called: the kernel has
 * ended the dump, or never will.
 */
export class DumpWaiter<T> implements Waiter {
  readonly first: number;
  readonly last: number;
  readonly #read: (message: Message) => T | undefined;
  readonly #onEnd: () => void;
  #patience: Patience;
  readonly #pieces: (readonly T[])[] = [];
  /** The piece that arrives. */
  #entries: T[] = [];
  #error: Error | undefined;
  #over = false;
  #ended = false;
  #sent = false;
  #wake: (() => void) | undefined;

  constructor(
    sequence: number,
    read: (message: Message) => T | undefined,
    options: CallOptions,
    onEnd: () => void,
  ) {
    this.first = sequence;
    this.last = sequence;
    this.#read = read;
    this.#onEnd = onEnd;
    this.#patience = new Patience(options, (error) => {
      this.fail(error, false);
    });
  }

  /** The clock ran for the turn, and now it runs for the kernel. */
  sent(): void {
    this.#sent = true;
    this.#patience.restart();
  }

  /** A piece that is here already. */
  take(): readonly T[] | undefined {
    return this.#pieces.shift();
  }

  /** The next piece; undefined at the end. Throws what went wrong. */
  async next(): Promise<readonly T[] | undefined> {
    if (this.#pieces.length === 0 && !this.#over) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const piece = this.take();
    if (piece === undefined && this.#error !== undefined) throw this.#error;
    return piece;
  }

  /** Nobody wants the rest. */
  abandon(): void {
    this.#giveUp(undefined);
    this.#pieces.length = 0;
  }

  heard(): void {
    this.#patience.refresh();
    this.#endPiece();
  }

  reply(message: Message): void {
    if (this.#over) return;
    try {
      const entry = this.#read(message);
      if (entry !== undefined) this.#entries.push(entry);
    } catch (error) {
      this.#giveUp(error as Error);
    }
  }

  status(_sequence: number, errno: number): boolean {
    this.#finish(errno === 0 ? undefined : new NetlinkError('dump', errno));
    this.#end();
    return true;
  }

  fail(error: Error, final: boolean): boolean {
    const nothingComes = final || !this.#sent;
    if (nothingComes) {
      this.#finish(error);
      this.#end();
    } else {
      this.#giveUp(error);
    }
    return nothingComes;
  }

  #giveUp(error: Error | undefined): void {
    if (this.#over) return;
    this.#finish(error);
    if (!this.#sent) {
      this.#end();
      return;
    }
    // An end that was lost, in a datagram that could not be read, must not hold up later dumps for ever.
    this.#patience = new Patience({}, () => {
      this.#end();
    });
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#patience.end();
    this.#onEnd();
  }

  #finish(error: Error | undefined): void {
    if (this.#over) return;
    this.#endPiece();
    this.#over = true;
    this.#error = error;
    this.#patience.end();
    this.#awaken();
  }

  #endPiece(): void {
    if (this.#entries.length === 0) return;
    this.#pieces.push(this.#entries);
    this.#entries = [];
    this.#awaken();
  }

  #awaken(): void {
    this.#wake?.();
    this.#wake = undefined;
  }
}
