import { Lazy } from '../common/lazy.js';
import type { Family } from '../common/ip-family.js';
import { formatPlace } from './address-place.js';
import type { AddressPlace } from './address-place.js';
import type { Host } from './host.js';
import { readLinks, readRoutes } from './network.js';
import type { Link, ResolvedRoute, Route } from './network.js';
import { RouteLookup } from './route-lookup.js';
import { formatRouteSlot, readRouteSlots } from './route-slots.js';
import type { RouteSlot } from './route-slots.js';
import { readSysctl } from './sysctl.js';
import type { Sysctl } from './sysctl.js';

interface Places {
  readonly all: ReadonlySet<string>;
  /** By the address: it may be on more than one interface. */
  readonly first: ReadonlyMap<string, AddressPlace>;
}

/** The state of the machine: each part is read when it is first asked for, and kept until it is forgotten. */
export class HostSnapshot {
  readonly host: Host;
  readonly #hasIpvs = new Lazy(async () => (await this.host.list('/proc/net')).includes('ip_vs'));
  readonly #links = new Lazy<readonly Link[]>(() => readLinks(this.host));
  readonly #places = new Lazy(async () => placesOf(await this.links()));
  readonly #routes = {
    ipv4: new Lazy<readonly Route[]>(() => readRoutes(this.host, 'ipv4')),
    ipv6: new Lazy<readonly Route[]>(() => readRoutes(this.host, 'ipv6')),
  };
  readonly #routeLookup: RouteLookup;
  readonly #slots = new Map<string, readonly string[]>();
  readonly #sysctls = new Map<Sysctl, Promise<string | undefined>>();

  constructor(host: Host) {
    this.host = host;
    this.#routeLookup = new RouteLookup(host);
  }

  /** Whether IPVS is in the kernel now. Asking IPVS itself would load it. */
  hasIpvs(): Promise<boolean> {
    return this.#hasIpvs.get();
  }

  links(): Promise<readonly Link[]> {
    return this.#links.get();
  }

  /** Whether an interface has this address with this prefix length. */
  async hasPlace(place: AddressPlace): Promise<boolean> {
    return (await this.#places.get()).all.has(formatPlace(place));
  }

  /** The first interface that has an address, which is in the form that iproute2 prints; undefined when none has. */
  async placeOf(address: string): Promise<AddressPlace | undefined> {
    return (await this.#places.get()).first.get(address);
  }

  /** The routes of the main table. */
  routes(family: Family): Promise<readonly Route[]> {
    return this.#routes[family].get();
  }

  /** Where packets to addresses go. Those that have no route are undefined. */
  resolvedRoutes(
    addresses: Iterable<string>,
  ): Promise<ReadonlyMap<string, ResolvedRoute | undefined>> {
    return this.#routeLookup.to(addresses);
  }

  /** Reads the routes of many slots at once, for {@link slotRoutes}. */
  async readSlots(slots: readonly RouteSlot[]): Promise<void> {
    const unknown = slots.filter((slot) => !this.#slots.has(formatRouteSlot(slot)));
    for (const [name, lines] of await readRouteSlots(this.host, unknown)) {
      this.#slots.set(name, lines);
    }
  }

  /** The routes of a slot, as lines that `ip route` takes. */
  async slotRoutes(slot: RouteSlot): Promise<readonly string[]> {
    await this.readSlots([slot]);
    return this.#slots.get(formatRouteSlot(slot)) ?? [];
  }

  /** Undefined when this kernel lacks it. */
  sysctl(path: Sysctl): Promise<string | undefined> {
    const reading = this.#sysctls.get(path) ?? readSysctl(this.host, path);
    this.#sysctls.set(path, reading);
    return reading;
  }

  /** Undefined when this kernel lacks it, or its value is no integer. */
  async sysctlNumber(path: Sysctl): Promise<number | undefined> {
    const text = await this.sysctl(path);
    return text === undefined || !/^-?\d+$/.test(text) ? undefined : Number(text);
  }

  /** Drops everything: the machine was changed. */
  forget(): void {
    for (const lazy of [this.#hasIpvs, this.#links, this.#places]) lazy.forget();
    for (const lazy of Object.values(this.#routes)) lazy.forget();
    this.#routeLookup.forget();
    this.#slots.clear();
    this.#sysctls.clear();
  }
}

function placesOf(links: readonly Link[]): Places {
  const places = links.flatMap(({ name: device, addresses }) =>
    addresses.map(({ address, prefixLength }) => ({ address, prefixLength, device })),
  );
  return {
    all: new Set(places.map(formatPlace)),
    // A map keeps the last of equal keys.
    first: new Map(places.toReversed().map((place) => [place.address, place])),
  };
}
