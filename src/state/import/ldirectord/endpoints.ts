import type { Family } from '../../../common/ip-family.js';
import { IpAddress } from '../../../ipvs/model/address.js';
import type { Protocol } from '../../../ipvs/model/service.js';
import type { ImportSources } from '../imported.js';
import { shown } from './settings.js';

/** What is wrong with a line, and the next step. */
export class LineError extends Error {
  override readonly name = 'LineError';
}

/** The forwarding methods, with the options of ipvsadm that ask for them. */
export const methodOptions = { gate: '-g', masq: '-m', ipip: '-i' } as const;
export type MethodName = keyof typeof methodOptions;

/** A `virtual` line: a host and a port, or a firewall mark. */
export type VirtualHead =
  { readonly host: string; readonly port: string } | { readonly mark: number };

/** A `real` line. */
export interface RealLine {
  readonly host: string;
  /** The last one of a range. */
  readonly lastHost: string | undefined;
  readonly port: string | undefined;
  readonly method: MethodName;
  readonly weight: string;
  readonly lowerThreshold: number;
  readonly upperThreshold: number;
  /** What is asked of this server instead. */
  readonly exchange: { readonly request: string; readonly receive: string } | undefined;
}

/** A `fallback` line. */
export interface FallbackLine {
  readonly host: string;
  readonly port: string | undefined;
  readonly method: MethodName;
}

const MOST_MARK = 0xffff_ffff;

/** @throws LineError when it is neither. */
export function readVirtual(value: string, ipv6: boolean): VirtualHead {
  const [, host, port] = /^(\[[\dA-Fa-f:.]+\]|[\w.+-]+):([\w-]+)/.exec(value) ?? [];
  if (host !== undefined && port !== undefined) {
    if (host.startsWith('[') && !ipv6) {
      throw new LineError('an IPv6 address stands behind virtual6, not behind virtual');
    }
    return { host, port };
  }
  const digits = /^\d+/.exec(value)?.[0];
  const mark = Number(digits);
  if (digits !== undefined && mark >= 1 && mark <= MOST_MARK) return { mark };
  throw new LineError(
    `${shown(value)} is neither an address with a port, such as 192.0.2.1:80, nor a firewall mark`,
  );
}

const REAL =
  /^(\[[\dA-Fa-f:.]+\]|[\dA-Za-z.-]+?)(?:->(\[[\dA-Fa-f:.]+\]|[\dA-Za-z.-]+?))?(?::([\w-]+))?\s+(\w+)(.*)$/;

/** @throws LineError when it is no real server. */
export function readReal(value: string): RealLine {
  const [, host, lastHost, port, method, options = ''] = REAL.exec(value) ?? [];
  if (host === undefined) {
    throw new LineError('not of the form 192.0.2.2:80 masq, or 192.0.2.2->192.0.2.5:80 masq');
  }
  const [, weight, behindWeight] = /^\s+(\d+)(?!\S)(.*)$/.exec(options) ?? [];
  const { exchange, rest } = readExchange(behindWeight ?? options);
  const thresholds: readonly (string | undefined)[] | null =
    /^(?:\s+l:(\d+))?(?:\s+u:(\d+))?\s*$/.exec(rest);
  if (thresholds === null) {
    throw new LineError(
      'behind the method only a weight, "request", "receive", l:N and u:N may stand, in this order',
    );
  }
  return {
    host,
    lastHost,
    port,
    method: readMethod(method),
    weight: weight ?? '1',
    lowerThreshold: Number(thresholds[1] ?? 0),
    upperThreshold: Number(thresholds[2] ?? 0),
    exchange,
  };
}

/** Two texts in double quotes, which hold whatever stands between the outermost and the last separation. */
function readExchange(text: string): { exchange: RealLine['exchange']; rest: string } {
  const start = text.search(/\S/);
  const end = text.lastIndexOf('"');
  if (start < 1 || text[start] !== '"') return { exchange: undefined, rest: text };
  const divisions = [...text.matchAll(/"[, ][\t ]*"/g)].filter(
    ({ 0: { length }, index }) => index > start && index + length - 1 < end,
  );
  const last = divisions.at(-1);
  if (last === undefined) return { exchange: undefined, rest: text };
  const request = text.slice(start + 1, last.index);
  const receive = text.slice(last.index + last[0].length, end);
  return { exchange: { request, receive }, rest: text.slice(end + 1) };
}

/** @throws LineError when it is no server. */
export function readFallback(value: string): FallbackLine {
  const [, host, port, method] =
    /^(\[[\dA-Fa-f:.]+\]|[^\s:[\]]+)(?::([\w-]+))?(?:\s+(\S+))?$/.exec(value) ?? [];
  if (host === undefined) {
    throw new LineError('not of the form 127.0.0.1:80 masq; IPv6 addresses stand in brackets');
  }
  return { host, port, method: readMethod(method ?? 'gate') };
}

function readMethod(word: string | undefined): MethodName {
  if (word !== undefined && Object.hasOwn(methodOptions, word)) return word as MethodName;
  throw new LineError(`the forwarding method must be gate, masq or ipip, not ${shown(word ?? '')}`);
}

/** @throws LineError when the host has no address of the family. */
export async function addressOf(
  host: string,
  family: Family,
  sources: ImportSources,
): Promise<IpAddress> {
  const bare = host.replace(/^\[(.*)\]$/, '$1');
  const literal = IpAddress.tryParse(bare);
  const version = family === 'ipv4' ? 'IPv4' : 'IPv6';
  if (literal !== undefined) {
    if (literal.family === family) return literal;
    throw new LineError(`${shown(bare)} is no ${version} address`);
  }
  // What looks like an address is not asked of a resolver.
  const address =
    host.startsWith('[') || /^[\d.]+$/.test(bare)
      ? undefined
      : await sources.addressOf(bare, family);
  if (address?.family === family) return address;
  throw new LineError(
    `the host ${shown(bare)} has no ${version} address here; import it where it has one, or write the address`,
  );
}

/** @throws LineError when there is no such port. */
export function portOf(
  text: string,
  protocols: readonly Protocol[],
  sources: ImportSources,
): number {
  const port = /^\d+$/.test(text)
    ? Number(text)
    : protocols.map((protocol) => sources.portOf(text, protocol)).find((one) => one !== undefined);
  if (port !== undefined && port <= 65_535) return port;
  throw new LineError(
    `the port ${shown(text)} is neither a number up to 65535 nor in /etc/services`,
  );
}

/** More than any director has: a slip of the pen in a range must not take all memory. */
export const MOST_IN_RANGE = 65_536;

/** The addresses from one to another. @throws LineError when they are not in order, too many, or IPv6. */
export function addressRange(first: IpAddress, last: IpAddress): readonly IpAddress[] {
  if (first.family === 'ipv6' || last.family === 'ipv6') {
    throw new LineError('a range of IPv6 addresses: ldirectord has none; write one line for each');
  }
  const [from, to] = [ipv4Number(first), ipv4Number(last)];
  if (from > to) throw new LineError(`the range ends before it begins: ${first}->${last}`);
  if (to - from >= MOST_IN_RANGE) {
    throw new LineError(`a range of ${to - from + 1} addresses: at most ${MOST_IN_RANGE} may be`);
  }
  return Array.from({ length: to - from + 1 }, (_, index) => ipv4Address(from + index));
}

function ipv4Number({ bytes }: IpAddress): number {
  return bytes.reduce((number, byte) => number * 256 + byte, 0);
}

function ipv4Address(number: number): IpAddress {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, number);
  return IpAddress.fromBytes('ipv4', bytes);
}
