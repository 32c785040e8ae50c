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
