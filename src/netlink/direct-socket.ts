import { readdirSync, readFileSync, readlinkSync, readSync, writeSync } from 'node:fs';
import { constants } from 'node:os';
import { NetlinkError } from './errors.js';
import type { DirectSocket } from './socket.js';

/** The kernel fills no datagram with more (net/netlink/af_netlink.c, netlink_recvmsg). */
const RECEIVE_BYTES = 32 * 1024;

/**
 * The socket of this process that is bound to a port, to be used without the event loop. It does not show who sent a datagram:
 * only a process that may administer the network can send to another's port, and the sequence number must be right.
 * @param port as the socket's package has bound it.
 * @returns undefined when /proc does not show the socket.
 */
export function openDirectSocket(protocol: number, port: number): DirectSocket | undefined {
  const descriptor = descriptorOf(protocol, port);
  if (descriptor === undefined) return undefined;
  const buffer = Buffer.allocUnsafeSlow(RECEIVE_BYTES);
  return {
    send(datagram) {
      attempt('send', () => writeSync(descriptor, datagram));
    },
    receive() {
      const length = attempt('receive', () => readSync(descriptor, buffer));
      // What did not fit is gone, and nothing else would tell.
      if (length === RECEIVE_BYTES) throw new NetlinkError('receive', constants.errno.EMSGSIZE);
      return buffer.subarray(0, length);
    },
  };
}

function attempt<T>(operation: 'send' | 'receive', call: () => T): T {
  try {
    return call();
  } catch (error) {
    const errno = error instanceof Error && 'errno' in error ? Number(error.errno) : 0;
    throw new NetlinkError(operation, Math.abs(errno) || constants.errno.EIO);
  }
}

function descriptorOf(protocol: number, port: number): number | undefined {
  try {
    const inode = inodeOf(readFileSync('/proc/self/net/netlink', 'latin1'), protocol, port);
    if (inode === undefined) return undefined;
    // The youngest ones have the highest numbers.
    const descriptors = readdirSync('/proc/self/fd')
      .map(Number)
      .sort((a, b) => b - a);
    return descriptors.find((descriptor) => linkOf(descriptor) === `socket:[${inode}]`);
  } catch {
    return undefined;
  }
}

/** The directory's own descriptor is closed by now. */
function linkOf(descriptor: number): string | undefined {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`);
  } catch {
    return undefined;
  }
}

/** Reads /proc/net/netlink: a socket a line, with its protocol, its port and, last, its inode. */
function inodeOf(table: string, protocol: number, port: number): string | undefined {
  for (const line of table.split('\n')) {
    const words = line.trim().split(/\s+/);
    if (words[1] === String(protocol) && words[2] === String(port)) return words.at(-1);
  }
  return undefined;
}
