import { isIPv4, isIPv6 } from 'node:net';

export type Family = 'ipv4' | 'ipv6';

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
    if (isIPv4(text)) return new IpAddress('ipv4', Uint8Array.from(text.split('.'), Number));
    if (isIPv6(text) && !text.includes('%')) return new IpAddress('ipv6', parseIpv6(text));
    throw new RangeError(`not an IPv4 or IPv6 address: ${JSON.stringify(text)}`);
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

  equals(other: IpAddress): boolean {
    return this.family === other.family && compareBytes(this.bytes, other.bytes) === 0;
  }

  toString(): string {
    return this.family === 'ipv4' ? this.bytes.join('.') : formatIpv6(this.bytes);
  }

  toJSON(): string {
    return this.toString();
  }
}

/** An address, or its text. */
export type AddressInput = IpAddress | string;

/** @throws RangeError when the text is no address. */
export function toAddress(input: AddressInput): IpAddress {
  return typeof input === 'string' ? IpAddress.parse(input) : input;
}

/** The order of addresses: IPv4 before IPv6, then by number. */
export function compareAddresses(a: IpAddress, b: IpAddress): number {
  return a.bytes.length - b.bytes.length || compareBytes(a.bytes, b.bytes);
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  for (const [index, byte] of a.entries()) {
    const difference = byte - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Reads text that `isIPv6` has accepted. */
function parseIpv6(text: string): Uint8Array {
  const [head = '', tail] = text.split('::');
  const front = groups(head);
  const back = tail === undefined ? [] : groups(tail);
  const zeros = Array<number>(16 - front.length - back.length).fill(0);
  return Uint8Array.from([...front, ...zeros, ...back]);
}

function groups(part: string): number[] {
  if (part === '') return [];
  return part.split(':').flatMap((group) => {
    if (group.includes('.')) return group.split('.').map(Number);
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
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
