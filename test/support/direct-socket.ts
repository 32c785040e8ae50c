/** The fake kernel for a process that needs not wait for its answers. */
import { constants } from 'node:os';
import { NetlinkError } from '../../src/netlink/errors.js';
import type { DirectSocket, OpenNetlinkSocket } from '../../src/netlink/socket.js';
import { SendFailure, errnoOf } from '../../src/testing/fake-kernel.js';
import type { FakeKernel, Reply } from '../../src/testing/fake-kernel.js';
import { messagesOf } from './netlink.js';

/** Sockets to a kernel that can be used without the event loop, and what has become of that. */
export interface DirectKernel {
  readonly open: OpenNetlinkSocket;
  /** How often such a use was asked for. */
  readonly asked: number;
  /** How many datagrams were sent so. */
  readonly sent: number;
}

/** @param available whether the system shows the socket. */
export function directKernel(kernel: FakeKernel, available = true): DirectKernel {
  const count = { asked: 0, sent: 0 };
  const open: OpenNetlinkSocket = (events) => ({
    ...kernel(events),
    direct: () => {
      count.asked += 1;
      return available ? directSocket(kernel, () => (count.sent += 1)) : undefined;
    },
  });
  return Object.defineProperties(
    { open },
    { asked: { get: () => count.asked }, sent: { get: () => count.sent } },
  ) as DirectKernel;
}

function directSocket(kernel: FakeKernel, onSend: () => void): DirectSocket {
  const queue: (Uint8Array | NetlinkError)[] = [];
  // The one buffer that all is received in: what a reader has not copied by the next call is lost.
  let received = new Uint8Array();
  return {
    send(datagram) {
      onSend();
      const [message] = messagesOf(datagram);
      // The kernel walks one dump at a time, and goes on when it is read.
      const busy = queue.length > 0 && message !== undefined;
      try {
        queue.push(...(busy ? [busyReply(message.sequence)] : datagramsOf(kernel.hear(datagram))));
      } catch (error) {
        throw error instanceof SendFailure ? new NetlinkError('send', error.errno) : error;
      }
    },
    receive() {
      received.fill(0xee);
      const next = queue.shift();
      if (next === undefined) throw new NetlinkError('receive', constants.errno.EAGAIN);
      if (next instanceof NetlinkError) throw next;
      received = next.slice();
      return received;
    },
  };
}

function busyReply(sequence: number): Uint8Array {
  const reply = Buffer.alloc(36);
  reply.writeUInt32LE(36, 0);
  reply.writeUInt16LE(2, 4);
  reply.writeUInt32LE(sequence, 8);
  reply.writeInt32LE(-constants.errno.EBUSY, 16);
  return reply;
}

/** What travels together; a promise ends a datagram. */
function datagramsOf(replies: readonly Reply[]): (Uint8Array | NetlinkError)[] {
  const datagrams: (Uint8Array | NetlinkError)[] = [];
  let together: Uint8Array[] = [];
  const flush = (): void => {
    if (together.length > 0) datagrams.push(new Uint8Array(Buffer.concat(together)));
    together = [];
  };
  for (const reply of replies) {
    if (reply instanceof Uint8Array) {
      together.push(reply);
      continue;
    }
    flush();
    if ('socketError' in reply)
      datagrams.push(new NetlinkError('receive', errnoOf(reply.socketError)));
    else if ('datagram' in reply) datagrams.push(reply.datagram);
  }
  flush();
  return datagrams;
}
