import { readFileSync } from 'node:fs';
import { IpAddress } from '../ipvs/model/address.js';
import { protocols } from '../ipvs/model/service.js';
import type { Protocol } from '../ipvs/model/service.js';
import type { Naming } from './format-endpoint.js';
import { UnresolvedHost } from './grammar/parsed-options.js';
import type { Names } from './grammar/parsed-options.js';
import { printable } from '../common/printable.js';

/** The longest that the names of a listing may take in all: a dead resolver must not hang it. */
const LOOKUP_MS = 3000;
const SERVICES_FILE = '/etc/services';

/** More look-ups at once than a resolver would mind. */
const LOOKUPS_AT_ONCE = 64;

/** How names are looked up: by the system's resolver, or by a test's. */
export interface Resolver {
  /** The first address of a host name; rejects when there is none. */
  addressOf(name: string, family: 'ipv4' | 'ipv6'): Promise<string>;
  /** The name of an address; rejects when it has none. */
  nameOf(address: string): Promise<string>;
}

/** Names and numbers of hosts and ports, each looked up once. */
export class NameCache implements Names {
  readonly #resolver: Resolver;
  readonly #addresses = new Map<string, IpAddress | undefined>();
  readonly #hostNames = new Map<string, string | undefined>();
  #services: ServiceNames | undefined;
  #deadline: Promise<undefined> | undefined;
  #late = false;

  constructor(resolver: Resolver) {
    this.#resolver = resolver;
  }

  host(name: string, family: 'ipv4' | 'ipv6'): IpAddress | undefined {
    const key = `${family} ${name}`;
    if (!this.#addresses.has(key)) throw new UnresolvedHost(name, family);
    return this.#addresses.get(key);
  }

  port(name: string, protocol: Protocol): number | undefined {
    return this.#serviceNames().ports.get(`${name}/${protocol}`);
  }

  /** Looks a host name up, for {@link host} to find. */
  async lookUpHost(name: string, family: 'ipv4' | 'ipv6'): Promise<void> {
    const address = await this.#resolver.addressOf(name, family).catch(() => '');
    this.#addresses.set(`${family} ${name}`, IpAddress.tryParse(address));
  }

  /** Looks up the names of addresses, many at once, for {@link hostName} to find. */
  async lookUpNames(addresses: Iterable<IpAddress>): Promise<void> {
    const unknown = new Set<string>();
    for (const address of addresses) {
      const text = address.toString();
      if (!this.#hostNames.has(text)) unknown.add(text);
    }
    const queue = unknown.values();
    const work = async () => {
      for (const address of queue) {
        const name = await this.#nameInTime(address);
        this.#hostNames.set(address, name && printable(name));
      }
    };
    await Promise.all(Array.from({ length: Math.min(unknown.size, LOOKUPS_AT_ONCE) }, work));
  }

  /** The name of an address that was looked up; undefined when it has none. */
  hostName(address: IpAddress): string | undefined {
    return this.#hostNames.get(address.toString());
  }

  /** The name of a port, from /etc/services. */
  portName(port: number, protocol: string): string | undefined {
    return this.#serviceNames().names.get(`${port}/${protocol}`);
  }

  /** The name of an address, or undefined when it has none or the time for all of them is up. */
  async #nameInTime(address: string): Promise<string | undefined> {
    this.#deadline ??= new Promise((resolve) => {
      // The process may end before: nobody waits for this alone.
      setTimeout(() => {
        this.#late = true;
        resolve(undefined);
      }, LOOKUP_MS).unref();
    });
    if (this.#late) return undefined;
    const name = this.#resolver.nameOf(address).catch(() => undefined);
    return Promise.race([name, this.#deadline]);
  }

  #serviceNames(): ServiceNames {
    this.#services ??= readServiceNames(readFileIfAny(SERVICES_FILE));
    return this.#services;
  }
}

/** Looks up the names of addresses; gives names for addresses and ports, as far as there are any. */
export async function namingBy(names: NameCache, addresses: Iterable<IpAddress>): Promise<Naming> {
  await names.lookUpNames(addresses);
  return {
    address: (address) => names.hostName(address) ?? address.toString(),
    port: (port, protocol) =>
      (protocol === undefined ? undefined : names.portName(port, protocol)) ?? String(port),
  };
}

/** Port numbers by `name/protocol`, and names by `number/protocol`. */
export interface ServiceNames {
  readonly ports: ReadonlyMap<string, number>;
  readonly names: ReadonlyMap<string, string>;
}

/** Reads services(5): the first line with a name or a number counts; names after the number are further ones. */
export function readServiceNames(text: string): ServiceNames {
  const ports = new Map<string, number>();
  const names = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [name, number, ...aliases] = line.replace(/#.*/, '').trim().split(/\s+/);
    const [port, protocol] = number?.split('/') ?? [];
    if (
      !name ||
      port === undefined ||
      protocol === undefined ||
      !Object.hasOwn(protocols, protocol)
    )
      continue;
    if (!names.has(`${port}/${protocol}`)) names.set(`${port}/${protocol}`, printable(name));
    for (const known of [name, ...aliases]) {
      if (!ports.has(`${known}/${protocol}`)) ports.set(`${known}/${protocol}`, Number(port));
    }
  }
  return { ports, names };
}

function readFileIfAny(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
