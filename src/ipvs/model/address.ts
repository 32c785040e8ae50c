import type { Family } from '../../common/ip-family.js';
import { numberOf, shown } from './checks.js';

const ADDRESS_LENGTH = { ipv4: 4, ipv6: 16 } as const;

/**
 * An IPv4 or IPv6 address: its bytes and its family. In text, templates and JSON it is written as people write it.
 *
 * @example
 * ```ts
 * import { IpAddress } from 'ipvs';
 *
 * const address = IpAddress.parse('2001:DB8:0:0::1');
 * console.log(`${address} ${address.family}`); // 2001:db8::1 ipv6
 * ```
 */
export class IpAddress {
  readonly family: Family;
  /** Four or sixteen bytes, in network order. */
  readonly bytes: Uint8Array;

  private constructor(family: Family, bytes: Uint8Array) {
    this.family = family;
    this.bytes = bytes;
  }

  /**
   * Reads dotted IPv4 of four decimal numbers, or IPv6 without a zone.
   * @throws RangeError when the text is neither.
   */
  static parse(text: string): IpAddress {
    const address = IpAddress.tryParse(text);
    if (address === undefined) {
      throw new RangeError(`not an IPv4 or IPv6 address: ${JSON.stringify(text)}`);
    }
    return address;
  }

  /** Parses an IPv4 or IPv6 address; undefined when the text is neither. */
  static tryParse(text: string): IpAddress | undefined {
    const ipv6 = text.includes(':');
    const bytes = ipv6 ? parseIpv6(text) : parseIpv4(text);
    return bytes && new IpAddress(ipv6 ? 'ipv6' : 'ipv4', bytes);
  }

  /**
   * Takes the bytes of an address; of more than the family has, the first ones.
   * @throws RangeError when there are too few.
   */
  static fromBytes(family: Family, bytes: Uint8Array): IpAddress {
    const length = ADDRESS_LENGTH[family];
    if (bytes.length < length)
      throw new RangeError(`${bytes.length} bytes are no ${family} address`);
    return new IpAddress(family, bytes.slice(0, length));
  }

  /**
   * Takes bytes as they are: as many as the family has, which nobody else keeps.
   * @internal
   */
  static owning(family: Family, bytes: Uint8Array): IpAddress {
    return new IpAddress(family, bytes);
  }

  equals(other: IpAddress): boolean {
    return this.family === other.family && compareBytes(this.bytes, other.bytes) === 0;
  }

  toString(): string {
    const { bytes } = this;
    if (this.family === 'ipv6') return formatIpv6(bytes);
    return `${bytes[0] ?? 0}.${bytes[1] ?? 0}.${bytes[2] ?? 0}.${bytes[3] ?? 0}`;
  }

  toJSON(): string {
    return this.toString();
  }
}

/** An address, or its text. */
export type AddressInput = IpAddress | string;

/** @throws RangeError when the text is no address; TypeError when it is neither text nor address. */
export function toAddress(input: AddressInput, field = 'address'): IpAddress {
  if (typeof input === 'string') return IpAddress.parse(input);
  return checkAddress(input, field);
}

/** By its shape: it may come from another copy of this package. */
function checkAddress(value: unknown, field: string): IpAddress {
  if (value instanceof IpAddress) return value;
  if (typeof value !== 'object' || value === null) {
    throw new TypeError(`${field}: ${shown(value)} is not an address`);
  }
  const { family = 'ipv4', bytes } = value as Partial<IpAddress>;
  numberOf(ADDRESS_LENGTH, family, `${field}.family`);
  if (bytes instanceof Uint8Array) return IpAddress.fromBytes(family, bytes);
  throw new TypeError(`${field}: ${shown(value)} is not an address`);
}

/** The order of addresses: by their bytes from the first on, as ipvsadm lists them; of equal bytes IPv4 first. */
export function compareAddresses(a: IpAddress, b: IpAddress): number {
  return compareBytes(a.bytes, b.bytes) || a.bytes.length - b.bytes.length;
}

/** The shorter one counts as if zeros followed. */
function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.max(a.length, b.length);
  for (let index = 0; index < length; index += 1) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

const DOT = 46;
const ZERO = 48;

/** As inet_pton: four numbers, of no more than three digits, and no leading zero, which others read as octal. */
function parseIpv4(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(ADDRESS_LENGTH.ipv4);
  let part = 0;
  let value = 0;
  let digits = 0;
  for (let at = 0; at <= text.length; at += 1) {
    const code = at === text.length ? DOT : text.charCodeAt(at);
    if (code === DOT) {
      if (digits === 0 || part === ADDRESS_LENGTH.ipv4) return undefined;
      bytes[part] = value;
      part += 1;
      value = 0;
      digits = 0;
      continue;
    }
    const digit = code - ZERO;
    if (digit < 0 || digit > 9 || (digits > 0 && value === 0)) return undefined;
    value = value * 10 + digit;
    digits += 1;
    if (value > 0xff) return undefined;
  }
  return part === ADDRESS_LENGTH.ipv4 ? bytes : undefined;
}

/** Eight groups, of which `::` may stand for one or more of zero; the last two may be in dotted form. */
function parseIpv6(text: string): Uint8Array | undefined {
  const [head = '', tail, more] = text.split('::');
  if (more !== undefined) return undefined;
  const front = parseGroups(head, tail === undefined);
  const back = tail === undefined ? [] : parseGroups(tail, true);
  if (front === undefined || back === undefined) return undefined;
  const missing = ADDRESS_LENGTH.ipv6 - front.length - back.length;
  if (tail === undefined ? missing !== 0 : missing < 2) return undefined;
  return Uint8Array.of(...front, ...Array<number>(missing).fill(0), ...back);
}

/** The bytes of groups that are divided by colons; undefined when one is none. */
function parseGroups(text: string, mayEndDotted: boolean): number[] | undefined {
  if (text === '') return [];
  const bytes: number[] = [];
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    if (/^[\dA-Fa-f]{1,4}$/.test(part)) {
      const group = Number.parseInt(part, 16);
      bytes.push(group >> 8, group & 0xff);
      continue;
    }
    const dotted = mayEndDotted && index === parts.length - 1 ? parseIpv4(part) : undefined;
    if (dotted === undefined) return undefined;
    bytes.push(...dotted);
  }
  return bytes;
}

/**
 * The text of an IPv6 address as inet_ntop writes it, which is what ipvsadm prints: the first longest run of two or more
 * zero groups is `::`, and an IPv4-compatible or -mapped address ends in dotted form.
 */
function formatIpv6(bytes: Uint8Array): string {
  const words = Array.from(
    { length: 8 },
    (_, i) => ((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0),
  );
  const zeros = longestZeros(words);
  const mapped = zeros.start === 0 && zeros.length === 5 && words[5] === 0xffff;
  const compatible = zeros.start === 0 && zeros.length === 6;
  if (mapped || compatible) return `${mapped ? '::ffff:' : '::'}${bytes.slice(12).join('.')}`;
  const hex = (from: number, to: number) =>
    words
      .slice(from, to)
      .map((word) => word.toString(16))
      .join(':');
  if (zeros.length < 2) return hex(0, 8);
  return `${hex(0, zeros.start)}::${hex(zeros.start + zeros.length, 8)}`;
}

function longestZeros(words: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let length = 0;
  for (const [index, word] of words.entries()) {
    length = word === 0 ? length + 1 : 0;
    if (length > best.length) best = { start: index - length + 1, length };
  }
  return best;
}
