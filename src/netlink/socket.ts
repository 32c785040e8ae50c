/** What a connection needs of a socket: so little that a function can play the kernel in a test. */
export interface NetlinkSocket {
  /**
   * Hands a datagram to the kernel, which answers before it has taken it.
   * @throws NetlinkError when the kernel does not take it.
   */
  send(datagram: Uint8Array): void;
  /**
   * The next datagram of the kernel; its bytes stay what they are until the next call. Undefined when there is none.
   * @throws NetlinkError EMSGSIZE when one did not fit, ENOBUFS when some were lost.
   */
  receive(): Uint8Array | undefined;
  /** Of a socket that only the event loop reads: waits until there is something to receive, or nothing will come. */
  arrival?(): Promise<void>;
  close(): void;
}

/** Opens a socket. */
export type OpenNetlinkSocket = () => NetlinkSocket;
