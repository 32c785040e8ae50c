import { open } from 'node:fs/promises';
import type { CallOptions } from '../../netlink/connection.js';
import type { Protocol } from '../model/service.js';
import type { IpAddress } from '../model/address.js';
import { ConnectionParser } from './connection-parser.js';
import { CONNECTION_FILE } from '../wire/constants.js';

/** An address and a port. */
export interface Endpoint {
  readonly address: IpAddress;
  readonly port: number;
}

/** An entry of the connection table: a connection, or the template of a persistent client. */
export interface Connection {
  /** `ip` for the template of a mark. A kernel may have others. */
  readonly protocol: Protocol | 'ip' | (string & {});
  /** The client; port 0 in a template. */
  readonly source: Endpoint;
  /** What it asked for; the address of a template by mark holds the mark. */
  readonly virtual: Endpoint;
  /** The real server. */
  readonly destination: Endpoint;
  /** The state's name in its protocol: ESTABLISHED, FIN_WAIT, NONE … */
  readonly state: string;
  readonly expiresInSeconds: number;
  readonly persistenceEngine: string | undefined;
  /** What the engine keeps clients together by: for sip the call's id. */
  readonly persistenceData: string | undefined;
}

/** The kernel's seq_file gives 4 KiB a read, however much is asked for. */
const READ_BYTES = 64 * 1024;

/**
 * Reads the connection table as the kernel walks it, a piece of the file at a time, however many entries there are.
 * Source: net/netfilter/ipvs/ip_vs_conn.c, ip_vs_conn_seq_show.
 */
export async function* readConnections(
  file: string = CONNECTION_FILE,
  options: CallOptions = {},
): AsyncGenerator<readonly Connection[], void, undefined> {
  const parser = new ConnectionParser();
  for await (const piece of piecesOf(file, options)) yield parser.push(piece);
  yield parser.end();
}

/** The pieces of a file, one after the other in the same memory. */
async function* piecesOf(
  file: string,
  options: CallOptions,
): AsyncGenerator<Buffer, void, undefined> {
  options.signal?.throwIfAborted();
  const handle = await open(file);
  try {
    const memory = Buffer.allocUnsafe(READ_BYTES);
    for (;;) {
      options.signal?.throwIfAborted();
      const { bytesRead } = await abortable(
        handle.read(memory, 0, READ_BYTES, null),
        options.signal,
      );
      if (bytesRead === 0) return;
      yield memory.subarray(0, bytesRead);
    }
  } finally {
    // It closes behind a read that nobody waits for any more, and nobody waits for that either.
    handle.close().catch(() => undefined);
  }
}

/** What a read gives, unless the signal comes first. */
function abortable<T>(wanted: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return wanted;
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      reject(signal.reason as Error);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    wanted.then(resolve, reject).finally(() => {
      signal.removeEventListener('abort', onAbort);
    });
  });
}
