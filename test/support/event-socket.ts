/** A kernel for a process that cannot read its socket at once: the event loop brings the answers. */
import { nextRound } from '../../src/common/next-round.js';
import { NetlinkError } from '../../src/netlink/errors.js';
import type { OpenNetlinkSocket } from '../../src/netlink/socket.js';

/** Sockets to a kernel, whose datagrams arrive one in each round of the event loop. */
export function readByEvents(kernel: OpenNetlinkSocket): OpenNetlinkSocket {
  return () => {
    const socket = kernel();
    const inbox: (Uint8Array | NetlinkError)[] = [];
    let closed = false;
    const read = (): void => {
      try {
        const datagram = socket.receive();
        if (datagram !== undefined) inbox.push(datagram.slice());
      } catch (error) {
        if (!(error instanceof NetlinkError)) throw error;
        inbox.push(error);
      }
    };
    return {
      send: (datagram) => {
        socket.send(datagram);
      },
      receive: () => {
        const next = inbox.shift();
        if (next instanceof NetlinkError) throw next;
        return next;
      },
      arrival: async () => {
        await nextRound();
        if (!closed) read();
      },
      close: () => {
        closed = true;
        socket.close();
      },
    };
  };
}
