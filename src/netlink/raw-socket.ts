import { closeSync, fstatSync, openSync } from 'node:fs';
import { constants } from 'node:os';
// The package's index would load its other families and cost 20 ms at each start.
import { RawNetlinkSocket } from 'netlink/dist/raw.js';
import { nextRound } from '../common/next-round.js';
import {
  NETLINK_GENERIC,
  RECEIVE_BYTES,
  RECEIVE_QUEUE_BYTES,
  SEND_QUEUE_BYTES,
} from './constants.js';
import { attempt, DescriptorSocket } from './descriptor-socket.js';
import type { DescriptorOwner } from './descriptor-socket.js';
import { NetlinkError } from './errors.js';
import type { NetlinkSocket } from './socket.js';

/** The kernel has replied by the time it has accepted a request: after this many turns, nothing more will come. */
const ROUNDS = 4;

/**
 * Opens a generic netlink socket in the network namespace of this process. It is written and read by its descriptor, which
 * needs no event loop; where that cannot be found, by the package's own means. It does not keep the process alive.
 * @throws NetlinkError when the system refuses one.
 */
export function openRawSocket(): NetlinkSocket {
  const { socket, descriptor } = attempt('open', openWithDescriptor);
  socket.unref();
  const events = new EventSocket(socket);
  return descriptor === undefined ? events : new DescriptorSocket(descriptor, events);
}

/** A socket that the package reads whenever the event loop runs. */
class EventSocket implements NetlinkSocket, DescriptorOwner {
  readonly #socket: RawNetlinkSocket;
  /** What the package has read. */
  readonly #inbox: (Uint8Array | NetlinkError)[] = [];
  /** Datagrams that it has not yet handed to the kernel. */
  #unsent = 0;
  /** Whether the package has closed the socket by itself, as it does behind an error of polling. */
  broken = false;

  constructor(socket: RawNetlinkSocket) {
    this.#socket = socket;
    socket.on('message', (bytes, { port }) => {
      // Only the kernel, port 0, is believed.
      if (port === 0) this.#inbox.push(bytes);
    });
    socket.on('truncatedMessage', () => {
      this.#inbox.push(new NetlinkError('receive', constants.errno.EMSGSIZE));
    });
    socket.on('error', (error) => {
      const errno = Math.abs(error.errno);
      this.broken ||= errno === constants.errno.EBADF;
      this.#inbox.push(new NetlinkError('receive', errno));
    });
  }

  send(datagram: Uint8Array): void {
    this.#unsent += 1;
    // A copy, since it may be sent later.
    this.#socket.send(Buffer.from(datagram), {}, (error) => {
      this.#unsent -= 1;
      if (error !== undefined) this.#inbox.push(new NetlinkError('send', Math.abs(error.errno)));
    });
  }

  receive(): Uint8Array | undefined {
    const next = this.#inbox.shift();
    if (next instanceof NetlinkError) throw next;
    return next;
  }

  async arrival(): Promise<void> {
    for (let round = 0; round < ROUNDS; round += 1) {
      while (this.#unsent > 0) await nextRound();
      if (this.#inbox.length > 0) return;
      await nextRound();
    }
  }

  close(): void {
    // The native part goes on using the socket after the callback that a caller may close it from.
    setImmediate(() => {
      this.#socket.close();
    });
  }
}

interface Opened {
  readonly socket: RawNetlinkSocket;
  readonly descriptor: number | undefined;
}

/**
 * A new file gets the lowest descriptor that is free. When it is a socket now, and the next free one is still free, then no
 * other thread has come in between, and it is ours.
 */
function openWithDescriptor(): Opened {
  const free = freeDescriptors();
  const socket = new RawNetlinkSocket(NETLINK_GENERIC, {
    messagePeeking: false,
    msgBufferSize: RECEIVE_BYTES,
    recvBufferSize: RECEIVE_QUEUE_BYTES,
    sendBufferSize: SEND_QUEUE_BYTES,
  });
  if (free === undefined) return { socket, descriptor: undefined };
  const isOurs = isSocket(free.lowest) === true && isSocket(free.next) === undefined;
  return { socket, descriptor: isOurs ? free.lowest : undefined };
}

/** Undefined where there is no /dev/null, or it may not be opened. */
function freeDescriptors(): { readonly lowest: number; readonly next: number } | undefined {
  let lowest: number | undefined;
  try {
    lowest = openSync('/dev/null', 'r');
    const next = openSync('/dev/null', 'r');
    closeSync(next);
    return { lowest, next };
  } catch {
    return undefined;
  } finally {
    if (lowest !== undefined) closeSync(lowest);
  }
}

/** Undefined when nothing is open under that number. */
function isSocket(descriptor: number): boolean | undefined {
  try {
    return fstatSync(descriptor).isSocket();
  } catch {
    return undefined;
  }
}
