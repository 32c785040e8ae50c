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
import { statusOf, visitMessages } from './message.js';
import type { Message } from './message.js';
import { abortReason } from './patience.js';
import type { CallOptions } from './patience.js';
import type { DirectSocket, NetlinkSocket, OpenNetlinkSocket } from './socket.js';
import { BatchWaiter, DumpWaiter, QueryWaiter } from './waiters.js';
import type { GroupRefusal, Waiter } from './waiters.js';
import { DirectDump } from './direct-dump.js';
import type { RequestBatch } from './request-batch.js';
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
  /** Called after each group with the number of requests that the kernel has answered. */
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
  /** The first one runs, the others wait for its end. */
  readonly #dumps: { readonly waiter: DumpWaiter<unknown>; readonly request: Request }[] = [];
  /** Found when it is first wanted; null when there is none. */
  #direct: DirectSocket | null | undefined;
  readonly #heard = new Set<Waiter>();
  readonly #visit = (message: Message): void => {
    this.#hear(message);
  };

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
   * Asks for every entry. What arrives in one datagram is one piece: the kernel has not changed its table in between. `read`
   * may pass an entry over with undefined. Pieces are collected as they arrive, however slowly they are taken: between two
   * of them the caller may make other calls, other dumps too.
   */
  async *dump<T>(
    request: Request,
    read: (message: Message) => T | undefined,
    options: CallOptions = {},
  ): AsyncGenerator<readonly T[], void, undefined> {
    this.#check(options);
    const waiter = new DumpWaiter<T>(this.#take(1), read, options, () => {
      this.#endDump(waiter);
    });
    try {
      this.#dumps.push({ waiter, request });
      if (this.#dumps.length === 1) this.#startDump();
      for (;;) {
        const piece = waiter.take() ?? (await waiter.next());
        if (piece === undefined) return;
        yield piece;
      }
    } finally {
      waiter.abandon();
    }
  }

  /**
   * A dump without waiting, all pieces at once: much faster for many dumps in a row. A message is valid only while
   * `read` runs. Undefined when the socket cannot, or a dump is under way.
   */
  dumpNow<T>(
    request: Request,
    read: (message: Message) => T | undefined,
  ): readonly (readonly T[])[] | undefined {
    this.#check({});
    if (this.#dumps.length > 0) return undefined;
    if (this.#direct === undefined) this.#direct = this.#socket.direct?.() ?? null;
    if (this.#direct === null) return undefined;
    const dump = new DirectDump(this.#take(1), read, this.#visit);
    const writer = this.#writer();
    try {
      writeRequest(writer, request, dump.sequence, NLM_F_DUMP);
      this.#direct.send(writer.bytes());
    } finally {
      this.#idleWriters.push(writer);
    }
    while (!dump.over) dump.receive(this.#direct);
    return dump.pieces();
  }

  /**
   * Sends many requests, in groups of one datagram each. Only the last of a group asks for an ACK: the kernel reports
   * errors unasked, so whatever went wrong in the group has been said by then.
   * @returns the requests that were refused, in order.
   */
  async batch(
    type: number,
    requests: RequestBatch,
    options: BatchOptions = {},
  ): Promise<Refusal[]> {
    this.#check(options);
    const first = this.#take(requests.length);
    const refusals: Refusal[] = [];
    for (let from = 0; from < requests.length; from += GROUP_SIZE) {
      const to = Math.min(from + GROUP_SIZE, requests.length);
      const waiter = new BatchWaiter(first + from, first + to - 1, options);
      const datagram = requests.datagram(from, to, type, first);
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
    // Those that wait for their turn will not have it.
    for (const { waiter } of this.#dumps.splice(1)) waiter.fail(closedError(), true);
    this.#failAll(closedError());
    this.#socket.close();
  }

  #startDump(): void {
    const first = this.#dumps[0];
    if (first === undefined) return;
    first.waiter.sent();
    this.#sendOne(first.waiter, first.request, NLM_F_DUMP);
  }

  #endDump(waiter: DumpWaiter<unknown>): void {
    this.#forget(waiter);
    const place = this.#dumps.findIndex((dump) => dump.waiter === waiter);
    if (place < 0) return;
    this.#dumps.splice(place, 1);
    if (place === 0) this.#startDump();
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

  #writer(): MessageWriter {
    const writer = this.#idleWriters.pop() ?? new MessageWriter();
    writer.reset();
    return writer;
  }

  /** Writes a request and sends it. One whose values do not fit fails its waiter, and is not sent. */
  #sendOne(waiter: Waiter, request: Request, flags: number): void {
    const writer = this.#writer();
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
    this.#heard.delete(waiter);
    if (this.#waiters.size === 0 && !this.#closed) this.#socket.keepAlive(false);
  }

  #receive(datagram: Uint8Array): void {
    try {
      visitMessages(datagram, this.#visit);
    } catch (error) {
      this.#failAll(error as Error);
    }
    if (this.#heard.size === 0) return;
    for (const waiter of this.#heard) waiter.heard();
    this.#heard.clear();
  }

  #hear(message: Message): void {
    const waiter = this.#waiterOf(message);
    if (waiter === undefined) return;
    if (message.type !== NLMSG_ERROR && message.type !== NLMSG_DONE) {
      waiter.reply(message);
      this.#heard.add(waiter);
      return;
    }
    const over = waiter.status(message.sequence, statusOf(message));
    if (over) this.#forget(waiter);
    else this.#heard.add(waiter);
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
