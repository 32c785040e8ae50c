import { closeSync } from 'node:fs';
import { NETLINK_GENERIC, RECEIVE_QUEUE_BYTES, SEND_QUEUE_BYTES } from './constants.js';
import { DescriptorSocket } from './descriptor-socket.js';
import { NetlinkError } from './errors.js';
import type { NetlinkSocket, OpenNetlinkSocket } from './socket.js';

/** A variable, because the bundlers of library users would fail on an import of a module that only Bun has. */
const FFI = 'bun:ffi';
type Ffi = typeof import('bun:ffi');

// Numbers that are equal on all architectures except MIPS and SPARC, which Bun does not support: include/linux/net.h,
// include/linux/socket.h, include/uapi/asm-generic/socket.h, include/uapi/asm-generic/fcntl.h.
const AF_NETLINK = 16;
const SOCK_RAW = 3;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const SOL_SOCKET = 1;
const SO_SNDBUF = 7;
const SO_RCVBUF = 8;
/** Bytes of `struct sockaddr_nl`: the family in two, then port and groups, which are left to the kernel. */
const ADDRESS_BYTES = 12;

/** What is needed of the C library. */
interface Libc {
  socket(domain: number, type: number, protocol: number): number;
  bind(descriptor: number, address: Uint8Array, length: number): number;
  setsockopt(
    descriptor: number,
    level: number,
    option: number,
    value: Int32Array,
    length: number,
  ): number;
  errno(): number;
}

/** Loads the opener of sockets for Bun: the package netlink needs a part of libuv that Bun lacks. */
export async function loadBunSocket(): Promise<OpenNetlinkSocket> {
  const { dlopen, read } = (await import(FFI)) as Ffi;
  const libc = dlopen('libc.so.6', {
    socket: { args: ['i32', 'i32', 'i32'], returns: 'i32' },
    bind: { args: ['i32', 'ptr', 'u32'], returns: 'i32' },
    setsockopt: { args: ['i32', 'i32', 'i32', 'ptr', 'u32'], returns: 'i32' },
    __errno_location: { args: [], returns: 'ptr' },
  }).symbols;
  return () => openSocket({ ...libc, errno: () => read.i32(libc.__errno_location()) });
}

/**
 * Opens a generic netlink socket in the network namespace of this process. It does not keep the process alive.
 * @throws NetlinkError when the system refuses one.
 */
function openSocket(libc: Libc): NetlinkSocket {
  const check = (result: number): number => {
    if (result >= 0) return result;
    throw new NetlinkError('open', libc.errno());
  };
  const type = SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC;
  const descriptor = check(libc.socket(AF_NETLINK, type, NETLINK_GENERIC));
  const owner = {
    broken: false,
    receive: () => undefined,
    close: () => {
      if (owner.broken) return;
      owner.broken = true;
      closeSync(descriptor);
    },
  };
  try {
    const address = new Uint8Array(ADDRESS_BYTES);
    new DataView(address.buffer).setUint16(0, AF_NETLINK, true);
    check(libc.bind(descriptor, address, ADDRESS_BYTES));
    for (const [option, size] of [
      [SO_RCVBUF, RECEIVE_QUEUE_BYTES],
      [SO_SNDBUF, SEND_QUEUE_BYTES],
    ] as const) {
      const value = Int32Array.of(size);
      check(libc.setsockopt(descriptor, SOL_SOCKET, option, value, value.byteLength));
    }
  } catch (error) {
    owner.close();
    throw error;
  }
  return new DescriptorSocket(descriptor, owner);
}
