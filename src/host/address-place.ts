import { addressFamily, HOST_PREFIX_LENGTH } from '../common/ip-family.js';

/** An address on an interface, with the prefix length it has there. */
export interface AddressPlace {
  /** As iproute2 prints it, which is the canonical text: `2001:db8::1`. */
  readonly address: string;
  readonly prefixLength: number;
  /** Undefined when no interface is known for it: shown as `?`. */
  readonly device: string | undefined;
}

/** A virtual address by itself, whatever network it is in. */
export function hostPlace(address: string, device: string | undefined): AddressPlace {
  return { address, prefixLength: HOST_PREFIX_LENGTH[addressFamily(address)], device };
}

/** As iproute2 takes it: `192.0.2.1/32 dev eth0`. */
export function formatPlace(place: AddressPlace): string {
  return placeWords(place).join(' ');
}

/** The words that name it to `ip address`. */
export function placeWords({ address, prefixLength, device = '?' }: AddressPlace): string[] {
  return [`${address}/${prefixLength}`, 'dev', device];
}

/** What {@link formatPlace} has written; undefined for other text. */
export function parsePlace(text: string): AddressPlace | undefined {
  const [, address, length, device] = /^([^/ ]+)\/(\d+) dev (\S+)$/.exec(text) ?? [];
  if (address === undefined || length === undefined) return undefined;
  return { address, prefixLength: Number(length), device: device === '?' ? undefined : device };
}
