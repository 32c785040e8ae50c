import type { Connection, Endpoint } from './read-connections.js';
import { AddressWords, EndpointCache } from './endpoint-cache.js';

/** Longer than any line of the connection table; of an endless one no more is kept. */
const LONGEST_LINE = 64 * 1024;
const LF = 10;
const COLON = 58;
const NO_DIGIT = 0xff;
const PORT_DIGITS = 4;
const IPV4_DIGITS = 8;
const IPV6_DIGITS = 32;

/** The kernel's names of protocols, and ours. */
const protocolNames = new Map([
  ['TCP', 'tcp'],
  ['UDP', 'udp'],
  ['SCTP', 'sctp'],
  ['IP', 'ip'],
]);

/** What a byte is worth as a hexadecimal digit. */
const digits = new Uint8Array(256).fill(NO_DIGIT);
for (let value = 0; value < 16; value += 1) {
  const letter = value.toString(16);
  digits[letter.charCodeAt(0)] = value;
  digits[letter.toUpperCase().charCodeAt(0)] = value;
}

/**
 * Makes connections of the connection table's text, which arrives in pieces. It goes over the bytes once and keeps no line:
 * of a million of them text would be most of the work. What the lines have in common, names and the services' ends, is
 * made once.
 * Source: net/netfilter/ipvs/ip_vs_conn.c, ip_vs_conn_seq_show.
 */
export class ConnectionParser {
  readonly #names = new NameCache();
  readonly #endpoints = new EndpointCache();
  readonly #address = new AddressWords();
  /** The line that the last piece has not ended. */
  #rest: Buffer = Buffer.alloc(0);
  /** What is being read, from where, and where the line ends. */
  #bytes = this.#rest;
  #at = 0;
  #end = 0;

  /** The connections whose lines a piece completes; headings, and what is no entry, are passed over. */
  push(piece: Buffer): Connection[] {
    const found: Connection[] = [];
    let start = 0;
    let end = piece.indexOf(LF);
    if (end >= 0 && this.#rest.length > 0) {
      this.#readLine(found, Buffer.concat([this.#rest, piece.subarray(0, end)]), 0);
      this.#rest = this.#rest.subarray(0, 0);
      start = end + 1;
      end = piece.indexOf(LF, start);
    }
    for (; end >= 0; end = piece.indexOf(LF, start)) {
      this.#readLine(found, piece, start, end);
      start = end + 1;
    }
    // What arrives next may stand in the same memory.
    const unread = Buffer.concat([this.#rest, piece.subarray(start)]);
    this.#rest = unread.subarray(0, LONGEST_LINE);
    return found;
  }

  /** A last line without an end counts. */
  end(): Connection[] {
    const found: Connection[] = [];
    this.#readLine(found, this.#rest, 0);
    return found;
  }

  #readLine(found: Connection[], bytes: Buffer, start: number, end = bytes.length): void {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
    const connection = this.#connection();
    if (connection !== undefined) found.push(connection);
  }

  #connection(): Connection | undefined {
    const protocol = this.#name();
    // Clients are many: none is looked for among those that were seen before.
    const source = this.#endpoint(undefined);
    if (protocol === undefined || source === undefined) return undefined;
    const virtual = this.#endpoint(this.#endpoints);
    const destination = this.#endpoint(this.#endpoints);
    if (virtual === undefined || destination === undefined) return undefined;
    const state = this.#name();
    const expiresInSeconds = this.#decimal();
    if (state === undefined || expiresInSeconds === undefined) return undefined;
    const persistenceEngine = this.#name();
    const persistenceData = this.#text();
    return {
      protocol: protocolNames.get(protocol) ?? protocol.toLowerCase(),
      source,
      virtual,
      destination,
      state,
      expiresInSeconds,
      persistenceEngine,
      persistenceData,
    };
  }

  /** A word that many lines have. */
  #name(): string | undefined {
    const start = this.#skipBlanks();
    const end = this.#skipWord();
    return start === end ? undefined : this.#names.text(this.#bytes, start, end);
  }

  #text(): string | undefined {
    const start = this.#skipBlanks();
    const end = this.#skipWord();
    return start === end ? undefined : this.#bytes.toString('utf8', start, end);
  }

  #decimal(): number | undefined {
    const start = this.#skipBlanks();
    let value = 0;
    while (this.#at < this.#end) {
      const byte = this.#bytes[this.#at] ?? 0;
      const digit = digits[byte] ?? NO_DIGIT;
      if (digit > 9) break;
      value = value * 10 + digit;
      this.#at += 1;
    }
    return this.#at > start && this.#isAtBlank() ? value : undefined;
  }

  #endpoint(cache: EndpointCache | undefined): Endpoint | undefined {
    if (!this.#readAddress()) return undefined;
    const port = this.#port();
    if (port === undefined) return undefined;
    return cache === undefined
      ? { address: this.#address.toAddress(), port }
      : cache.endpoint(this.#address, port);
  }

  /** IPv4 stands as eight hexadecimal digits, IPv6 in eight full groups. */
  #readAddress(): boolean {
    const { words } = this.#address;
    const bytes = this.#bytes;
    const end = this.#end;
    let at = this.#skipBlanks();
    let count = 0;
    let word = 0;
    for (; at < end; at += 1) {
      const byte = bytes[at] ?? 0;
      const digit = digits[byte] ?? NO_DIGIT;
      if (digit === NO_DIGIT) {
        if (byte !== COLON) break;
        continue;
      }
      word = (word << 4) | digit;
      count += 1;
      if ((count & 7) === 0) words[(count >> 3) - 1] = word;
    }
    this.#at = at;
    this.#address.isIpv6 = count === IPV6_DIGITS;
    if (count === IPV4_DIGITS) words.fill(0, 1);
    return (count === IPV4_DIGITS || count === IPV6_DIGITS) && this.#isAtBlank();
  }

  #port(): number | undefined {
    const start = this.#skipBlanks();
    let port = 0;
    while (this.#at < this.#end) {
      const digit = digits[this.#bytes[this.#at] ?? 0] ?? NO_DIGIT;
      if (digit === NO_DIGIT) break;
      port = (port << 4) | digit;
      this.#at += 1;
    }
    return this.#at - start === PORT_DIGITS && this.#isAtBlank() ? port : undefined;
  }

  #isAtBlank(): boolean {
    return this.#at === this.#end || isBlank(this.#bytes[this.#at] ?? 0);
  }

  #skipBlanks(): number {
    while (this.#at < this.#end && isBlank(this.#bytes[this.#at] ?? 0)) this.#at += 1;
    return this.#at;
  }

  #skipWord(): number {
    while (this.#at < this.#end && !isBlank(this.#bytes[this.#at] ?? 0)) this.#at += 1;
    return this.#at;
  }
}

/** A space, or what the C library takes for one. */
function isBlank(byte: number): boolean {
  return byte === 32 || (byte >= 9 && byte <= 13);
}

/** Names of protocols, states and engines: there are some dozens, and each is made once. */
class NameCache {
  readonly #texts: string[] = Array<string>(64).fill('');

  text(bytes: Buffer, start: number, end: number): string {
    const slot = (13 * (end - start) + 7 * (bytes[start] ?? 0) + (bytes[end - 1] ?? 0)) % 64;
    const known = this.#texts[slot] ?? '';
    if (isSame(known, bytes, start, end)) return known;
    const text = bytes.toString('utf8', start, end);
    this.#texts[slot] = text;
    return text;
  }
}

/** Whether bytes are a text of ASCII letters; other texts are never the same. */
function isSame(text: string, bytes: Buffer, start: number, end: number): boolean {
  if (text.length !== end - start) return false;
  for (let index = 0; index < text.length; index += 1) {
    const byte = bytes[start + index] ?? 0;
    if (byte !== text.charCodeAt(index) || byte > 0x7f) return false;
  }
  return true;
}
