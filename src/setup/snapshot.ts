import { IpAddress } from '../ipvs/model/address.js';
import { formatService } from '../rules/format-rules.js';
import { numericNaming } from '../rules/format-endpoint.js';
import type { Session } from '../terminal/session.js';
import type { Host } from '../host/host.js';
import { readLinks, readRoutes } from '../host/network.js';
import type { Link, Route, ResolvedRoute } from '../host/network.js';
import type { Family } from '../common/ip-family.js';
import { readSysctl } from '../host/sysctl.js';
import { RouteLookup } from '../host/route-lookup.js';
import type { WantedService } from '../state/table.js';
import { readTable } from '../state/read-table.js';
import { formatPlace } from '../host/address-place.js';
import type { AddressPlace } from '../host/address-place.js';
import { routesIn } from './routes.js';
import { inRuleOrder } from './rule-text.js';
import type { State } from './step.js';

interface Places {
  readonly places: ReadonlySet<string>;
  /** By the address: it may be on more than one interface. */
  readonly first: ReadonlyMap<string, AddressPlace>;
}

/** The state of the machine, read when it is needed and then kept: there may be thousands of services. */
export class HostSnapshot {
  readonly host: Host;
  readonly session: Session;
  readonly #assumed = new Map<string, string>();
  #links: Promise<Link[]> | undefined;
  #places: Promise<Places> | undefined;
  readonly #routes = new Map<Family, Promise<Route[]>>();
  readonly #routeLookup: RouteLookup;
  readonly #routeLines = new Map<string, State>();
  #table: Promise<ReadonlyMap<string, WantedService>> | undefined;

  readonly #mayLoad: boolean;

  /** @param mayLoad whether the IPVS module may be loaded to read its table. Verbs that only read do not load it. */
  constructor(host: Host, session: Session, mayLoad = true) {
    this.host = host;
    this.#routeLookup = new RouteLookup(host);
    this.session = session;
    this.#mayLoad = mayLoad;
  }

  links(): Promise<Link[]> {
    return (this.#links ??= readLinks(this.host));
  }

  /** @param place an address with its interface, as steps name them: `192.0.2.1/32 dev eth0`. */
  async hasAddress(place: string): Promise<boolean> {
    return (await this.#placesOfAll()).places.has(place);
  }

  /** Where an address is on this machine already, with the net it was given. */
  async placeOf(address: IpAddress): Promise<AddressPlace | undefined> {
    return (await this.#placesOfAll()).first.get(address.toString());
  }

  /** The route to an address; undefined when there is none. */
  async resolvedRoute(address: IpAddress): Promise<ResolvedRoute | undefined> {
    const name = address.toString();
    return (await this.#routeLookup.to([name])).get(name);
  }

  /** Looks up the routes to many addresses at once. */
  async resolveRoutesTo(addresses: readonly IpAddress[]): Promise<void> {
    await this.#routeLookup.to(addresses.map(String));
  }

  /** The routes that a step names, as lines. */
  async routeLines(name: string): Promise<State> {
    await this.lookUpRoutes([name]);
    return this.#routeLines.get(name) ?? [];
  }

  /** Looks up the routes of many steps at once. */
  async lookUpRoutes(names: readonly string[]): Promise<void> {
    const unknown = names.filter((name) => !this.#routeLines.has(name));
    for (const [name, lines] of await routesIn(this.host, unknown)) {
      this.#routeLines.set(name, lines);
    }
  }

  /** The routes of the main table. */
  routes(family: Family): Promise<Route[]> {
    const routes = this.#routes.get(family) ?? readRoutes(this.host, family);
    this.#routes.set(family, routes);
    return routes;
  }

  /** The virtual services by their names: `-t 192.0.2.1:80`. Their real servers are in the order of their rules. */
  table(): Promise<ReadonlyMap<string, WantedService>> {
    return (this.#table ??= this.#readTable());
  }

  async setting(path: string): Promise<string | undefined> {
    return this.#assumed.get(path) ?? (await readSysctl(this.host, path));
  }

  /** Assumes the value that a planned change will set: one setting changes others. */
  assume(path: string, value: string): void {
    this.#assumed.set(path, value);
  }

  /** Drops all assumptions. */
  unassuming(): this {
    this.#assumed.clear();
    return this;
  }

  /** Drops what was read of addresses, links and routes, as they were changed. */
  forgetNetwork(): void {
    this.#links = undefined;
    this.#places = undefined;
    this.#routes.clear();
    this.#routeLookup.forget();
    this.#routeLines.clear();
  }

  #placesOfAll(): Promise<Places> {
    return (this.#places ??= this.#readPlaces());
  }

  async #readPlaces(): Promise<Places> {
    const places = new Set<string>();
    const first = new Map<string, AddressPlace>();
    for (const { name: device, addresses } of await this.links()) {
      for (const { address, prefixLength } of addresses) {
        const key = IpAddress.tryParse(address)?.toString() ?? address;
        const place = { address, prefixLength, device };
        places.add(formatPlace(place));
        if (!first.has(key)) first.set(key, place);
      }
    }
    return { places, first };
  }

  async #readTable(): Promise<ReadonlyMap<string, WantedService>> {
    const table = new Map<string, WantedService>();
    if (!this.#mayLoad && !(await this.host.list('/proc/net')).includes('ip_vs')) return table;
    for (const entry of await readTable(await this.session.client())) {
      const service = inRuleOrder(entry);
      table.set(formatService(service.id, numericNaming), service);
    }
    return table;
  }
}
