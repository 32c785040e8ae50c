/** What a connection needs of a socket: so little that a function can play the kernel in a test. */
export interface NetlinkSocket {
  /**
   * Hands a datagram to the kernel. `sent` is called when the bytes may be reused, with the error when the kernel did not
   * take them.
   */
  send(datagram: Uint8Array, sent: (errno: number | undefined) => void): void;
  /** Lets the process end (false) or keeps it alive (true) while the socket is open. */
  keepAlive(wanted: boolean): void;
  close(): void;
  /** This socket without the event loop; undefined where the system does not show its descriptor. */
  direct?(): DirectSocket | undefined;
}

/**
 * A socket that is written and read at once: the kernel answers a request while it takes it, so nobody needs to wait. For
 * many requests in a row this saves most of the system calls, and a buffer for each reply.
 */
export interface DirectSocket {
  /** @throws NetlinkError when the kernel does not take the datagram. */
  send(datagram: Uint8Array): void;
  /**
   * Reads a datagram; its bytes stay what they are until the next call.
   * @throws NetlinkError EAGAIN when there is none, EMSGSIZE when it does not fit, ENOBUFS when replies were lost.
   */
  receive(): Uint8Array;
}

/** What a socket tells its connection. */
export interface NetlinkSocketEvents {
  /** A datagram from `port`: 0 is the kernel. */
  datagram(bytes: Uint8Array, port: number): void;
  /** A datagram was longer than the buffer, or receiving failed; with ENOBUFS replies were lost. */
  error(errno: number): void;
}

/** Opens a socket that reports to `events`. */
export type OpenNetlinkSocket = (events: NetlinkSocketEvents) => NetlinkSocket;
