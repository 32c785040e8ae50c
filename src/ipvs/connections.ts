import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { Patience } from '../netlink/patience.js';
import type { CallOptions } from '../netlink/patience.js';
import { IpAddress } from './address.js';
import { CONNECTION_FILE } from './constants.js';
import { readLines } from './lines.js';

/** An address and a port. */
export interface Endpoint {
  readonly address: IpAddress;
  readonly port: number;
}

/** An entry of the connection table: a connection, or the template of a persistent client. */
export interface Connection {
  /** As the kernel names it: TCP, UDP, SCTP, and IP for the template of a mark. */
  readonly protocol: string;
  /** The client; port 0 in a template. */
  readonly source: Endpoint;
  /** What it asked for; the address of a template by mark holds the mark. */
  readonly virtual: Endpoint;
  /** The real server. */
  readonly destination: Endpoint;
  /** The state's name in its protocol: ESTABLISHED, FIN_WAIT, NONE … */
  readonly state: string;
  readonly expiresSeconds: number;
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
): AsyncGenerator<Connection, void, undefined> {
  options.signal?.throwIfAborted();
  const input = createReadStream(file, { highWaterMark: READ_BYTES });
  try {
    for await (const lines of readLines(patiently(input, options))) {
      for (const line of lines) {
        const connection = parseConnection(line);
        if (connection !== undefined) yield connection;
      }
    }
  } finally {
    input.destroy();
  }
}

/** The pieces of a stream. The deadline runs while the stream is waited for, not while its reader is at work. */
async function* patiently(
  input: Readable,
  options: CallOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  const pieces = input[Symbol.asyncIterator]() as AsyncIterator<Uint8Array, undefined>;
  for (;;) {
    options.signal?.throwIfAborted();
    const patience = new Patience(options, (error) => input.destroy(error));
    const { done, value } = await pieces.next().finally(() => {
      patience.end();
    });
    if (done === true) return;
    yield value;
  }
}

/** Reads a line; undefined for the heading, and for what is no entry. */
export function parseConnection(line: string): Connection | undefined {
  const [protocol, ...words] = line.trim().split(/\s+/);
  const [from, fromPort, to, toPort, via, viaPort, state, expires, engine, data] = words;
  const source = parseEndpoint(from, fromPort);
  const virtual = parseEndpoint(to, toPort);
  const destination = parseEndpoint(via, viaPort);
  if (!protocol || !source || !virtual || !destination || state === undefined) return undefined;
  const expiresSeconds = Number(expires);
  if (!Number.isInteger(expiresSeconds)) return undefined;
  return {
    protocol,
    source,
    virtual,
    destination,
    state,
    expiresSeconds,
    persistenceEngine: engine,
    persistenceData: data,
  };
}

/** IPv4 stands as eight hexadecimal digits, IPv6 in eight full groups; ports are hexadecimal. */
function parseEndpoint(
  address: string | undefined,
  port: string | undefined,
): Endpoint | undefined {
  if (address === undefined || port === undefined || !/^[\dA-F]{4}$/i.test(port)) return undefined;
  const digits = address.replaceAll(':', '');
  if (!/^(?:[\dA-F]{8}|[\dA-F]{32})$/i.test(digits)) return undefined;
  const bytes = Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  return {
    address: IpAddress.fromBytes(bytes.length === 4 ? 'ipv4' : 'ipv6', bytes),
    port: Number.parseInt(port, 16),
  };
}
