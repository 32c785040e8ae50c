import { readSync, writeSync } from 'node:fs';
import { constants } from 'node:os';
import { RECEIVE_BYTES } from './constants.js';
import { NetlinkError } from './errors.js';
import type { NetlinkOperation } from './errors.js';
import type { NetlinkSocket } from './socket.js';

/** Who opened a descriptor, and may read it too. */
export interface DescriptorOwner {
  /** What the owner has read itself, which comes first. */
  receive(): Uint8Array | undefined;
  /** Whether the owner has closed the descriptor: its number may be another file's by now. */
  readonly broken: boolean;
  close(): void;
}

/**
 * A netlink socket that is written and read synchronously by its descriptor, which saves most of the system calls, and a
 * buffer for each reply. The sender of a datagram is not seen: only a process with CAP_NET_ADMIN can send to a port of
 * NETLINK_GENERIC (net/netlink/af_netlink.c, netlink_sendmsg and netlink_allowed), and it may change the table itself.
 */
export class DescriptorSocket implements NetlinkSocket {
  readonly #descriptor: number;
  readonly #owner: DescriptorOwner;
  readonly #buffer = Buffer.allocUnsafeSlow(RECEIVE_BYTES);

  constructor(descriptor: number, owner: DescriptorOwner) {
    this.#descriptor = descriptor;
    this.#owner = owner;
  }

  send(datagram: Uint8Array): void {
    this.#checkDescriptor('send');
    attempt('send', () => writeSync(this.#descriptor, datagram));
  }

  receive(): Uint8Array | undefined {
    const early = this.#owner.receive();
    if (early !== undefined) return early;
    this.#checkDescriptor('receive');
    try {
      const length = readSync(this.#descriptor, this.#buffer);
      // What did not fit is lost, and nothing else would show it.
      if (length === RECEIVE_BYTES) throw new NetlinkError('receive', constants.errno.EMSGSIZE);
      return this.#buffer.subarray(0, length);
    } catch (error) {
      const failure = toNetlinkError('receive', error);
      if (failure.errno === constants.errno.EAGAIN) return undefined;
      throw failure;
    }
  }

  close(): void {
    this.#owner.close();
  }

  #checkDescriptor(operation: NetlinkOperation): void {
    if (this.#owner.broken) throw new NetlinkError(operation, constants.errno.EBADF);
  }
}

/** Makes a system call. @throws NetlinkError when it fails. */
export function attempt<T>(operation: NetlinkOperation, call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw toNetlinkError(operation, error);
  }
}

function toNetlinkError(operation: NetlinkOperation, error: unknown): NetlinkError {
  if (error instanceof NetlinkError) return error;
  const errno = error instanceof Error && 'errno' in error ? Math.abs(Number(error.errno)) : 0;
  const detail = operation === 'open' && error instanceof Error ? error.message : undefined;
  return new NetlinkError(operation, errno || constants.errno.EIO, detail);
}
