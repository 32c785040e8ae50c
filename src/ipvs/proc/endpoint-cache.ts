import { IpAddress } from '../model/address.js';
import type { Endpoint } from './read-connections.js';

const IPV6_WORDS = 4;
const SLOT_BITS = 10;
/** Words of a slot's key: those of the address, then port and family. */
const KEY_WORDS = IPV6_WORDS + 1;
const IS_IPV6 = 0x1_0000;

/** An address as numbers: its words of 32 bits, of which IPv4 has one and zeros. */
export class AddressWords {
  readonly words = new Int32Array(IPV6_WORDS);
  isIpv6 = false;

  toAddress(): IpAddress {
    const { words } = this;
    const bytes = new Uint8Array(this.isIpv6 ? 4 * IPV6_WORDS : 4);
    for (let at = 0; at < bytes.length; at += 4) {
      const word = words[at >> 2] ?? 0;
      bytes[at] = word >>> 24;
      bytes[at + 1] = word >>> 16;
      bytes[at + 2] = word >>> 8;
      bytes[at + 3] = word;
    }
    return IpAddress.owning(this.isIpv6 ? 'ipv6' : 'ipv4', bytes);
  }
}

/**
 * Endpoints that come again and again, as virtual services and real servers do among a million connections: each is made
 * once, unless another takes its slot.
 */
export class EndpointCache {
  readonly #keys = new Int32Array(KEY_WORDS << SLOT_BITS);
  readonly #endpoints: (Endpoint | undefined)[] = Array<undefined>(1 << SLOT_BITS).fill(undefined);

  endpoint(address: AddressWords, port: number): Endpoint {
    const { words } = address;
    const last = address.isIpv6 ? port | IS_IPV6 : port;
    let hash = last;
    for (let index = 0; index < IPV6_WORDS; index += 1)
      hash = Math.imul(hash ^ (words[index] ?? 0), 0x9e37_79b1);
    const slot = hash >>> (32 - SLOT_BITS);
    const known = this.#endpoints[slot];
    if (known !== undefined && this.#isKey(slot, words, last)) return known;
    const endpoint = { address: address.toAddress(), port };
    this.#keys.set(words, slot * KEY_WORDS);
    this.#keys[slot * KEY_WORDS + IPV6_WORDS] = last;
    this.#endpoints[slot] = endpoint;
    return endpoint;
  }

  #isKey(slot: number, words: Int32Array, last: number): boolean {
    const start = slot * KEY_WORDS;
    for (let index = 0; index < IPV6_WORDS; index += 1) {
      if (this.#keys[start + index] !== words[index]) return false;
    }
    return this.#keys[start + IPV6_WORDS] === last;
  }
}
