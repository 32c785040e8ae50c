import { constants } from 'node:os';
import {
  NLM_F_ACK,
  NLM_F_DUMP,
  NLM_F_REQUEST,
  NLMSG_DONE,
  NLMSG_ERROR,
  NLMSG_NOOP,
} from './constants.js';
import { NetlinkError } from './errors.js';
import { readMessages, statusOf } from './message.js';
import type { Message } from './message.js';
import { abortReason } from './patience.js';
import type { CallOptions } from './patience.js';
import type { NetlinkSocket, OpenNetlinkSocket } from './socket.js';
import { BatchWaiter, DumpWaiter, QueryWaiter } from './waiters.js';
import type { GroupRefusal, Waiter } from './waiters.js';
import { MessageWriter } from './writer.js';

/** One request: its type, and how its body is written. */
export interface Request {
  readonly type: number;
  readonly write: (writer: MessageWriter) => void;
}

/** A request of a batch that the kernel refused. */
export interface Refusal {
  /** Its place in the batch, from 0. */
  readonly index: number;
  readonly error: NetlinkError;
}

/** How long a batch waits, and whom it tells how far it is. */
export interface BatchOptions extends CallOptions {
  /** Told after each group how many requests the kernel has answered for. */
  readonly onProgress?: ((done: number) => void) | undefined;
}

/**
 * Requests in one datagram. An error comes with a copy of its request: when all of a group are refused, all that must fit
 * the receive queue (else ENOBUFS, seen near 1,000).
 */
const GROUP_SIZE = 256;
const LAST_SEQUENCE = 0xffff_ffff;

/**
 * A netlink socket that speaks in requests and their replies. Calls may overlap: each reply finds its call by its
 * sequence number. One dump runs at a time, since the kernel allows no more on a socket (EBUSY); others wait their turn.
 */
export class NetlinkConnection {
  readonly #socket: NetlinkSocket;
  readonly #waiters = new Set<Waiter>();
  readonly #idleWriters: MessageWriter[] = [];
  #sequence = 0;
  #closed = false;
  #lastDump: Promise<void> = Promise.resolve();

  constructor(open: OpenNetlinkSocket) {
    this.#socket = open({
      datagram: (bytes, port) => {
        // Only the kernel, port 0, is believed: any process may send to our port.
        if (port === 0) this.#receive(bytes);
      },
      error: (errno) => {
        this.#failAll(new NetlinkError('receive', errno));
      },
    });
    this.#socket.keepAlive(false);
  }

  /** Sends a request and waits for its ACK. */
  async execute(request: Request, options: CallOptions = {}): Promise<void> {
    await this.query(request, () => undefined, options);
  }

  /** Sends a request, reads each reply with data, and waits for the ACK behind them. */
  async query<T>(
    request: Request,
    read: (message: Message) => T,
    options: CallOptions = {},
  ): Promise<T[]> {
    this.#check(options);
    const waiter = new QueryWaiter(this.#take(1), read, options);
    this.#sendOne(waiter, request, NLM_F_ACK);
    try {
      return await waiter.done;
    } finally {
      this.#forget(waiter);
    }
  }

  /**
   * Asks for every entry. Entries are collected as they arrive, however slowly they are taken: between two of them the
   * caller may make other calls, other dumps too.
   */
  async *dump<T>(
    request: Request,
    read: (message: Message) => T,
    options: CallOptions = {},
  ): AsyncGenerator<T, void, undefined> {
    this.#check(options);
    const waiter = new DumpWaiter(this.#take(1), read, options);
    try {
      await this.#startDump(waiter, request);
      let entries: readonly T[] | undefined;
      while ((entries = await waiter.next()) !== undefined) yield* entries;
    } finally {
      waiter.abandon();
    }
  }

  /**
   * Sends many requests, in groups of one datagram each. Only the last of a group asks for an ACK: the kernel reports
   * errors unasked, so whatever went wrong in the group has been said by then. All are written before the first is sent: a
   * value that does not fit changes nothing.
   * @returns the requests that were refused, in order.
   */
  async batch(requests: readonly Request[], options: BatchOptions = {}): Promise<Refusal[]> {
    this.#check(options);
    const first = this.#take(requests.length);
    const writer = new MessageWriter();
    const starts = requests.map((request, index) => {
      const endsGroup = index % GROUP_SIZE === GROUP_SIZE - 1 || index === requests.length - 1;
      return writeRequest(writer, request, first + index, endsGroup ? NLM_F_ACK : 0);
    });
    const refusals: Refusal[] = [];
    for (let from = 0; from < requests.length; from += GROUP_SIZE) {
      const to = Math.min(from + GROUP_SIZE, requests.length);
      const datagram = writer.bytes().subarray(starts[from], starts[to]);
      const waiter = new BatchWaiter(first + from, first + to - 1, options);
      for (const { place, error } of await this.#sendGroup(waiter, datagram, options)) {
        refusals.push({ index: from + place, error });
      }
      options.onProgress?.(to);
    }
    return refusals;
  }

  /** Ends every call that waits, with ECANCELED, and closes the socket. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#failAll(closedError());
    this.#socket.close();
  }

  async #startDump(waiter: DumpWaiter<unknown>, request: Request): Promise<void> {
    const turn = this.#lastDump;
    this.#lastDump = turn.then(() => waiter.ended);
    await Promise.race([turn, waiter.ended]);
    if (waiter.over) return;
    if (this.#closed) {
      waiter.fail(closedError(), true);
      return;
    }
    waiter.sent();
    this.#sendOne(waiter, request, NLM_F_DUMP);
    void waiter.ended.then(() => {
      this.#forget(waiter);
    });
  }

  async #sendGroup(
    waiter: BatchWaiter,
    datagram: Uint8Array,
    options: CallOptions,
  ): Promise<readonly GroupRefusal[]> {
    this.#check(options);
    this.#send(waiter, datagram);
    try {
      return await waiter.done;
    } finally {
      this.#forget(waiter);
    }
  }

  #check(options: CallOptions): void {
    if (this.#closed) throw closedError();
    if (options.signal?.aborted === true) throw abortReason(options.signal);
  }

  /** Reserves sequence numbers. 0 is never one: it marks messages that answer nobody. */
  #take(count: number): number {
    if (this.#sequence + count > LAST_SEQUENCE) this.#sequence = 0;
    const first = this.#sequence + 1;
    this.#sequence += count;
    return first;
  }

  /** Writes a request and sends it. One whose values do not fit fails its waiter, and is not sent. */
  #sendOne(waiter: Waiter, request: Request, flags: number): void {
    const writer = this.#idleWriters.pop() ?? new MessageWriter();
    writer.reset();
    const reuse = () => this.#idleWriters.push(writer);
    try {
      writeRequest(writer, request, waiter.first, flags);
    } catch (error) {
      reuse();
      waiter.fail(error as Error, true);
      return;
    }
    this.#send(waiter, writer.bytes(), reuse);
  }

  #send(waiter: Waiter, datagram: Uint8Array, reuse?: () => void): void {
    this.#waiters.add(waiter);
    this.#socket.keepAlive(true);
    this.#socket.send(datagram, (errno) => {
      reuse?.();
      if (errno !== undefined && waiter.fail(new NetlinkError('send', errno), true)) {
        this.#forget(waiter);
      }
    });
  }

  #forget(waiter: Waiter): void {
    this.#waiters.delete(waiter);
    if (this.#waiters.size === 0 && !this.#closed) this.#socket.keepAlive(false);
  }

  #receive(datagram: Uint8Array): void {
    // Once for a datagram of a hundred entries: setting a timer anew is dearer than reading an entry.
    const heard = new Set<Waiter>();
    try {
      for (const message of readMessages(datagram)) {
        const waiter = this.#waiterOf(message);
        if (waiter === undefined) continue;
        if (this.#tell(waiter, message)) heard.delete(waiter);
        else heard.add(waiter);
      }
    } catch (error) {
      this.#failAll(error as Error);
    }
    for (const waiter of heard) if (this.#waiters.has(waiter)) waiter.heard();
  }

  /** Who waits for a message: nobody for a late answer to a call that was given up. */
  #waiterOf({ type, sequence }: Message): Waiter | undefined {
    if (type === NLMSG_NOOP) return undefined;
    // Replies come in the order of their requests: the first waiter is nearly always the one.
    for (const waiter of this.#waiters) {
      if (sequence >= waiter.first && sequence <= waiter.last) return waiter;
    }
    return undefined;
  }

  /** Gives a message to its waiter; returns true when that awaits nothing more. */
  #tell(waiter: Waiter, message: Message): boolean {
    if (message.type !== NLMSG_ERROR && message.type !== NLMSG_DONE) {
      waiter.reply(message);
      return false;
    }
    const over = waiter.status(message.sequence, statusOf(message));
    if (over) this.#forget(waiter);
    return over;
  }

  #failAll(error: Error): void {
    for (const waiter of [...this.#waiters]) {
      if (waiter.fail(error, this.#closed)) this.#forget(waiter);
    }
  }
}

function closedError(): NetlinkError {
  return new NetlinkError('close', constants.errno.ECANCELED, 'the connection is closed');
}

/** Writes a request; returns where it begins. */
function writeRequest(
  writer: MessageWriter,
  request: Request,
  sequence: number,
  flags: number,
): number {
  const start = writer.begin({ type: request.type, flags: NLM_F_REQUEST | flags, sequence });
  request.write(writer);
  writer.end(start);
  return start;
}
