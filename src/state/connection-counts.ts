import { WordCounter } from '../common/word-counter.js';
import type { Counted } from '../common/word-counter.js';
import { IpAddress } from '../ipvs/model/address.js';
import { formatVirtual } from '../ipvs/model/connection.js';
import { formatEndpoint } from '../ipvs/model/service.js';
import type { Connection, Endpoint } from '../ipvs/proc/read-connections.js';

/** What connections are counted by: the client's address, what it asked for, the real server, the state. */
export type Grouping = 'client' | 'service' | 'server' | 'state';

/** How many connections have something in common. One of the keys is there, of a service with its protocol. */
export interface ConnectionCount {
  /** With service. `ip` for the templates of a service by mark. */
  readonly protocol?: string;
  /** The address, without a port. */
  readonly client?: string;
  /** As in a connection: address and port, or `mark:7`. */
  readonly service?: string;
  /** Address and port. */
  readonly server?: string;
  readonly state?: string;
  readonly count: number;
}

const IPV6_WORDS = 4;

/** Numbers for texts of which there are few. */
class Names {
  readonly #numbers = new Map<string, number>();
  readonly #texts: string[] = [];

  numberOf(text: string): number {
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    this.#numbers.set(text, this.#texts.length);
    return this.#texts.push(text) - 1;
  }

  textOf(number: number): string {
    return this.#texts[number] ?? '';
  }
}

/** Counts connections by what they have in common, in little memory however many clients there are. */
export class ConnectionCounts {
  readonly #by: Grouping;
  readonly #counters: Record<'ipv4' | 'ipv6', WordCounter>;
  readonly #keys = {
    ipv4: new Uint32Array(MOST_WORDS),
    ipv6: new Uint32Array(MOST_WORDS),
  };
  readonly #names = new Names();
  #total = 0;

  constructor(by: Grouping) {
    this.#by = by;
    const own = OWN_WORDS[by];
    const [ipv4, ipv6] = by === 'state' ? [0, 0] : [1, IPV6_WORDS];
    this.#counters = { ipv4: new WordCounter(ipv4 + own), ipv6: new WordCounter(ipv6 + own) };
  }

  /** All connections that were counted. */
  get total(): number {
    return this.#total;
  }

  add(connection: Connection): void {
    const { source, virtual, destination, protocol, state } = connection;
    this.#total += 1;
    if (this.#by === 'client') this.#count(source, 0, 0);
    else if (this.#by === 'server') this.#count(destination, destination.port, 0);
    else if (this.#by === 'service') {
      this.#count(virtual, virtual.port, this.#names.numberOf(protocol));
    } else {
      this.#keys.ipv4[0] = this.#names.numberOf(state);
      this.#counters.ipv4.add(this.#keys.ipv4);
    }
  }

  /** Each with its count, the most first; of equal ones IPv4 first, then by address. */
  *sorted(): Generator<ConnectionCount, void, undefined> {
    const [ipv4, ipv6] = [this.#counters.ipv4.sorted(), this.#counters.ipv6.sorted()];
    let [first, second] = [ipv4.next(), ipv6.next()];
    for (;;) {
      if (
        first.done !== true &&
        (second.done === true || first.value.count >= second.value.count)
      ) {
        yield this.#countOf('ipv4', first.value);
        first = ipv4.next();
      } else if (second.done !== true) {
        yield this.#countOf('ipv6', second.value);
        second = ipv6.next();
      } else return;
    }
  }

  /** The key is the address and what distinguishes more. */
  #count({ address: { family, bytes } }: Endpoint, port: number, name: number): void {
    const key = this.#keys[family];
    const words = bytes.length >> 2;
    for (let word = 0; word < words; word += 1) {
      const at = 4 * word;
      key[word] =
        ((bytes[at] ?? 0) << 24) |
        ((bytes[at + 1] ?? 0) << 16) |
        ((bytes[at + 2] ?? 0) << 8) |
        (bytes[at + 3] ?? 0);
    }
    key[words] = port;
    key[words + 1] = name;
    this.#counters[family].add(key);
  }

  #countOf(family: 'ipv4' | 'ipv6', { key, count }: Counted): ConnectionCount {
    if (this.#by === 'state') return { state: this.#names.textOf(key[0] ?? 0), count };
    const words = family === 'ipv4' ? 1 : IPV6_WORDS;
    const address = addressOf(family, key.subarray(0, words));
    if (this.#by === 'client') return { client: address.toString(), count };
    const port = key[words] ?? 0;
    if (this.#by === 'server') return { server: formatEndpoint(address, port), count };
    const protocol = this.#names.textOf(key[words + 1] ?? 0);
    return { protocol, service: formatVirtual({ protocol, virtual: { address, port } }), count };
  }
}

/** Words of a key beside the address: none, port and protocol, port, the state alone. */
const OWN_WORDS: Readonly<Record<Grouping, number>> = {
  client: 0,
  service: 2,
  server: 1,
  state: 1,
};
const MOST_WORDS = IPV6_WORDS + 2;

function addressOf(family: 'ipv4' | 'ipv6', words: Uint32Array): IpAddress {
  const bytes = new Uint8Array(4 * words.length);
  const view = new DataView(bytes.buffer);
  for (const [index, word] of words.entries()) view.setUint32(4 * index, word);
  return IpAddress.owning(family, bytes);
}
