import { IpAddress } from './address.js';
import { shown } from './checks.js';

/** Addresses that agree in their first bits, and perhaps a port: what `10.0.0.0/24:80` names. */
export interface AddressPrefix {
  readonly address: IpAddress;
  /** How many bits count: up to 32 of IPv4, up to 128 of IPv6. */
  readonly length: number;
  /** Undefined: any port. */
  readonly port: number | undefined;
}

/** IPv6 stands in brackets where a port follows, with the length inside or behind them. */
const PREFIX =
  /^(?:\[([^[\]/]+)(?:\/(\d{1,3}))?\]|([\d.]+)|([\da-f.]*:[\da-f:.]*))(?:\/(\d{1,3}))?(?::([\w-]+))?$/i;
const BITS = { ipv4: 32, ipv6: 128 } as const;
const LAST_PORT = 0xffff;

/**
 * Reads `A[/LEN][:PORT]`: `10.0.0.2`, `10.0.0.0/24:80`, `2001:db8::/32`, `[2001:db8::2]:443`, `[2001:db8::]/32:443`. Bits
 * behind the length do not matter.
 * @param portNumber looks up the number of a port's name; without it, ports are numbers.
 * @throws RangeError when the text is none of these.
 */
export function parseAddressPrefix(
  text: string,
  portNumber?: (name: string) => number | undefined,
): AddressPrefix {
  const [, inBrackets, inner, ipv4, ipv6, outer, word] = PREFIX.exec(text) ?? [];
  const address = IpAddress.tryParse(inBrackets ?? ipv4 ?? ipv6 ?? '');
  const lengthTwice = inner !== undefined && outer !== undefined;
  if (address === undefined || lengthTwice || (ipv6 !== undefined && word !== undefined)) {
    throw new RangeError(
      `${shown(text)} is not an address, alone or with a prefix length or a port: 10.0.0.2, 10.0.0.0/24, 10.0.0.2:80, 2001:db8::/32, [2001:db8::2]:80`,
    );
  }
  const bits = BITS[address.family];
  const length = Number(inner ?? outer ?? bits);
  if (length > bits) {
    throw new RangeError(`${shown(text)}: the prefix length is at most ${bits}`);
  }
  return { address, length, port: word === undefined ? undefined : toPort(text, word, portNumber) };
}

function toPort(
  text: string,
  word: string,
  portNumber: ((name: string) => number | undefined) | undefined,
): number {
  const port = /^\d{1,5}$/.test(word) ? Number(word) : portNumber?.(word);
  if (port !== undefined && port <= LAST_PORT) return port;
  throw new RangeError(`${shown(text)}: ${shown(word)} is not a port`);
}

/** Whether an address is one of a prefix, whatever its port. */
export function isInPrefix({ address, length }: AddressPrefix, { family, bytes }: IpAddress) {
  if (family !== address.family) return false;
  const whole = length >> 3;
  for (let index = 0; index < whole; index += 1) {
    if (bytes[index] !== address.bytes[index]) return false;
  }
  const different = (bytes[whole] ?? 0) ^ (address.bytes[whole] ?? 0);
  return different >> (8 - (length & 7)) === 0;
}

/** Whether an address and port are of a prefix and, where that has one, its port. */
export function matchesPrefix(
  prefix: AddressPrefix,
  { address, port }: { readonly address: IpAddress; readonly port: number },
): boolean {
  return (prefix.port === undefined || prefix.port === port) && isInPrefix(prefix, address);
}
