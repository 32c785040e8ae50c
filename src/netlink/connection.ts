import { constants } from 'node:os';
import { andThen } from '../common/and-then.js';
import type { Awaitable } from '../common/and-then.js';
import { nextRound } from '../common/next-round.js';
import { NLM_F_ACK, NLM_F_DUMP, NLM_F_REQUEST } from './constants.js';
import { NetlinkError } from './errors.js';
import { Exchange, isLossy } from './exchange.js';
import type { Refusal, Replies } from './exchange.js';
import { visitMessages } from './message.js';
import type { Message } from './message.js';
import type { RequestBatch } from './request-batch.js';
import type { NetlinkSocket, OpenNetlinkSocket } from './socket.js';
import { MessageWriter } from './writer.js';

/** Options of every call. */
export interface CallOptions {
  /** Ends the call, which rejects with the signal's reason. What was sent is not taken back. */
  readonly signal?: AbortSignal | undefined;
}

/** Options of a batch. */
export interface BatchOptions extends CallOptions {
  /** Called after each group, with the number of requests that the kernel has replied to. */
  readonly onProgress?: ((done: number) => void) | undefined;
}

/** One request: its type, and how its body is written. */
export interface Request {
  readonly type: number;
  readonly write: (writer: MessageWriter) => void;
  /** Whether this is a dump, or a request that an ACK follows. */
  readonly isDump?: boolean | undefined;
}

/** Gets every message that is sent or received. */
export type Observer = (direction: 'request' | 'reply', message: Message) => void;

/** An exchange in progress. */
interface Running<T> {
  readonly exchange: Exchange<T>;
  readonly observer: Observer | undefined;
  /** Whether the last attempt to receive found nothing. */
  hasWaited: boolean;
}

/**
 * Requests in one datagram. An error comes with a copy of its request: when all of a group are refused, all that must fit
 * the receive queue (else ENOBUFS, seen near 1,000).
 */
const GROUP_SIZE = 256;
const LAST_SEQUENCE = 0xffff_ffff;
/** How many datagrams are read before the event loop gets a turn: some milliseconds. */
const DATAGRAMS_A_ROUND = 32;

/**
 * A netlink socket for requests and their replies. The kernel replies while it accepts a request, so a call sends and then
 * reads until it has everything: there is nothing to wait for, and a missing reply will never come. One exchange runs at a
 * time, in the order of the calls; only a long one lets the event loop run in between.
 */
export class NetlinkConnection {
  readonly #socket: NetlinkSocket;
  readonly #observe: () => Observer | undefined;
  readonly #writer = new MessageWriter();
  /** Calls waiting for the current one. */
  readonly #waiting: (() => void)[] = [];
  #isBusy = false;
  #sequence = 0;
  #closed = false;
  /** Datagrams read since the event loop last ran. */
  #datagrams = 0;

  /** @param observe called before each exchange; returns who gets its messages, or undefined. */
  constructor(open: OpenNetlinkSocket, observe: () => Observer | undefined = () => undefined) {
    this.#socket = open();
    this.#observe = observe;
  }

  /**
   * Sends a request, and reads the replies up to its ACK or to the end of a dump. Synchronous, unless another call is in
   * progress, it is the event loop's turn, or only the event loop reads the socket.
   */
  request<T>(
    request: Request,
    read: (message: Message) => T | undefined,
    options: CallOptions = {},
  ): Awaitable<Replies<T>> {
    const { isDump = false, type } = request;
    const flags = NLM_F_REQUEST | (isDump ? NLM_F_DUMP : NLM_F_ACK);
    const begin = (): Running<T> => {
      const first = this.#take(1);
      this.#writer.reset();
      const start = this.#writer.begin({ type, flags, sequence: first });
      request.write(this.#writer);
      this.#writer.end(start);
      const exchange = new Exchange(first, first, isDump ? 'dump' : 'request', read);
      return this.#send(exchange, this.#writer.bytes());
    };
    return andThen(this.#run(begin, options), (exchange) => {
      if (!isDump || !isRefusedAsBusy(exchange)) return outcomeOf(exchange);
      const again = () => {
        this.#dropUnread();
        return begin();
      };
      return andThen(this.#run(again, options), outcomeOf);
    });
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
    const all: Refusal[] = [];
    for (let from = 0; from < requests.length; from += GROUP_SIZE) {
      const to = Math.min(from + GROUP_SIZE, requests.length);
      if (from > 0) await nextRound();
      const begin = (): Running<never> => {
        const first = this.#take(to - from);
        const last = first + to - from - 1;
        const exchange = new Exchange<never>(first, last, 'request', () => undefined);
        return this.#send(exchange, requests.datagram(from, to, type, first));
      };
      const { refusals, error } = await this.#run(begin, options);
      if (error !== undefined) throw error;
      for (const { index, error } of refusals) all.push({ index: from + index, error });
      options.onProgress?.(to);
    }
    return all;
  }

  /** Closes the socket. Calls that have not ended reject with ECANCELED, and so do later ones. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.close();
  }

  #send<T>(exchange: Exchange<T>, datagram: Uint8Array): Running<T> {
    const observer = this.#observe();
    if (observer !== undefined) show(observer, 'request', datagram);
    this.#socket.send(datagram);
    return { exchange, observer, hasWaited: false };
  }

  #run<T>(begin: () => Running<T>, options: CallOptions): Awaitable<Exchange<T>> {
    if (this.#isBusy || this.#datagrams >= DATAGRAMS_A_ROUND) return this.#runLater(begin, options);
    this.#check(options);
    const running = begin();
    if (this.#advance(running)) return running.exchange;
    return this.#hold(() => this.#finish(running, options));
  }

  /** Runs an exchange once those before it are done and the event loop has had a turn. */
  async #runLater<T>(begin: () => Running<T>, options: CallOptions): Promise<Exchange<T>> {
    if (this.#isBusy) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return this.#hold(async () => {
      this.#check(options);
      if (this.#datagrams >= DATAGRAMS_A_ROUND) await this.#letOthersRun();
      this.#check(options);
      const running = begin();
      return this.#advance(running) ? running.exchange : await this.#finish(running, options);
    });
  }

  /** Continues an exchange to its end. */
  async #finish<T>(running: Running<T>, { signal }: CallOptions): Promise<Exchange<T>> {
    const { exchange } = running;
    do {
      await (running.hasWaited ? this.#socket.arrival?.() : this.#letOthersRun());
      if (this.#closed) throw closedError();
      // The rest is read anyway: the kernel starts no other dump before.
      if (signal?.aborted === true) exchange.fail(abortReason(signal));
    } while (!this.#advance(running));
    return exchange;
  }

  /** Makes other calls wait until some work is done. */
  async #hold<T>(work: () => Promise<T>): Promise<T> {
    this.#isBusy = true;
    try {
      return await work();
    } finally {
      // The next waiting call goes first: calls made from now on queue behind it.
      const next = this.#waiting.shift();
      if (next === undefined) this.#isBusy = false;
      else next();
    }
  }

  /** Reads an exchange to its end. @returns false when the event loop has to run first. */
  #advance(running: Running<unknown>): boolean {
    const { exchange, observer } = running;
    while (!exchange.over) {
      if (this.#datagrams >= DATAGRAMS_A_ROUND) return false;
      try {
        const received = this.#socket.receive();
        if (received === undefined) {
          if (this.#socket.arrival !== undefined && !running.hasWaited) {
            running.hasWaited = true;
            return false;
          }
          throw new NetlinkError('receive', constants.errno.ENODATA);
        }
        running.hasWaited = false;
        this.#datagrams += 1;
        if (observer !== undefined) show(observer, 'reply', received);
        exchange.step(received);
      } catch (error) {
        exchange.lose(error as Error);
      }
    }
    return true;
  }

  /** Reads off the rest of a dump whose end was damaged or lost: until then, the kernel starts no other. */
  #dropUnread(): void {
    for (;;) {
      try {
        if (this.#socket.receive() === undefined) return;
      } catch (error) {
        if (!isLossy(error)) throw error;
      }
    }
  }

  async #letOthersRun(): Promise<void> {
    this.#datagrams = 0;
    await nextRound();
  }

  #check({ signal }: CallOptions): void {
    if (this.#closed) throw closedError();
    if (signal?.aborted === true) throw abortReason(signal);
  }

  /** Reserves sequence numbers. 0 is never one: it marks messages that answer nobody. */
  #take(count: number): number {
    if (this.#sequence + count > LAST_SEQUENCE) this.#sequence = 0;
    const first = this.#sequence + 1;
    this.#sequence += count;
    return first;
  }
}

function show(observer: Observer, direction: 'request' | 'reply', datagram: Uint8Array): void {
  visitMessages(datagram, (message) => {
    observer(direction, message);
  });
}

function outcomeOf<T>({ pieces, refusals, error }: Exchange<T>): Replies<T> {
  return { pieces, error: error ?? refusals[0]?.error };
}

function isRefusedAsBusy({ pieces, refusals }: Exchange<unknown>): boolean {
  return pieces.length === 0 && refusals[0]?.error.errno === constants.errno.EBUSY;
}

/** The reason of an aborted signal, unchanged whatever its type, as Node's own functions reject with it. */
function abortReason(signal: AbortSignal): Error {
  // What is thrown is typed as an Error throughout; the caller gets back its own value.
  return signal.reason as Error;
}

function closedError(): NetlinkError {
  return new NetlinkError('close', constants.errno.ECANCELED, 'the connection is closed');
}
