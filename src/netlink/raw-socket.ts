import { constants } from 'node:os';
// The package's index would load its other families and cost 20 ms at each start.
import { RawNetlinkSocket } from 'netlink/dist/raw.js';
import { NETLINK_GENERIC } from './constants.js';
import { openDirectSocket } from './direct-socket.js';
import { NetlinkError } from './errors.js';
import type { NetlinkSocket, NetlinkSocketEvents } from './socket.js';

/** The kernel fills what a reader offers: with less than 32 KiB a dump takes more system calls. */
const RECEIVE_BYTES = 32 * 1024;
/** Room for the errors of a batch that is refused as a whole; the kernel cuts it to net.core.rmem_max. */
const RECEIVE_QUEUE_BYTES = 1024 * 1024;
const SEND_QUEUE_BYTES = 256 * 1024;

/**
 * Opens a generic netlink socket in the network namespace of this process.
 * @throws NetlinkError when the system refuses one.
 */
export function openRawSocket(events: NetlinkSocketEvents): NetlinkSocket {
  const socket = open();
  socket.on('message', (bytes, info) => {
    events.datagram(bytes, info.port);
  });
  socket.on('truncatedMessage', () => {
    events.error(constants.errno.EMSGSIZE);
  });
  socket.on('error', (error) => {
    events.error(Math.abs(error.errno));
  });
  return {
    send(datagram, sent) {
      socket.send(
        Buffer.from(datagram.buffer, datagram.byteOffset, datagram.byteLength),
        {},
        (error) => {
          sent(error === undefined ? undefined : Math.abs(error.errno));
        },
      );
    },
    keepAlive(wanted) {
      if (wanted) socket.ref();
      else socket.unref();
    },
    direct: () => openDirectSocket(NETLINK_GENERIC, socket.address().port),
    close() {
      // The native part goes on using the socket after the callback that a caller may close it from.
      setImmediate(() => {
        socket.close();
      });
    },
  };
}

function open(): RawNetlinkSocket {
  try {
    return new RawNetlinkSocket(NETLINK_GENERIC, {
      messagePeeking: false,
      msgBufferSize: RECEIVE_BYTES,
      recvBufferSize: RECEIVE_QUEUE_BYTES,
      sendBufferSize: SEND_QUEUE_BYTES,
    });
  } catch (error) {
    const errno =
      error instanceof Error && 'errno' in error ? Number(error.errno) : constants.errno.EIO;
    throw new NetlinkError(
      'open',
      Math.abs(errno),
      error instanceof Error ? error.message : undefined,
    );
  }
}
