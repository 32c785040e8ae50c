import { destinationRule, formatService, serviceRule } from '../../ipvsadm/rules.js';
import { numericNaming } from '../../ipvsadm/format.js';
import type { Session } from '../../ipvsadm/session.js';
import type { Machine } from '../../machine/machine.js';
import { readLinks, readRoutes } from '../../machine/network.js';
import type { IpVersion, Link, Route } from '../../machine/network.js';
import { readSetting } from '../../machine/settings.js';
import type { WantedService } from '../../plan/wanted.js';
import { asWanted } from '../../plan/wanted.js';
import type { State } from './step.js';

/** One look at the machine: what has been read is not read again, for there may be thousands of services. */
export class Look {
  readonly machine: Machine;
  readonly session: Session;
  readonly #assumed = new Map<string, string>();
  #links: Promise<Link[]> | undefined;
  readonly #routes = new Map<IpVersion, Promise<Route[]>>();
  #table: Promise<ReadonlyMap<string, State>> | undefined;

  readonly #mayLoad: boolean;

  /** @param mayLoad whether IPVS may be loaded to see its table: who only looks does not change the machine. */
  constructor(machine: Machine, session: Session, mayLoad = true) {
    this.machine = machine;
    this.session = session;
    this.#mayLoad = mayLoad;
  }

  links(): Promise<Link[]> {
    return (this.#links ??= readLinks(this.machine));
  }

  /** The routes of the main table. */
  routes(version: IpVersion): Promise<Route[]> {
    const routes = this.#routes.get(version) ?? readRoutes(this.machine, version);
    this.#routes.set(version, routes);
    return routes;
  }

  /** The virtual services as rules, by their names. */
  table(): Promise<ReadonlyMap<string, State>> {
    return (this.#table ??= this.#readTable());
  }

  async setting(path: string): Promise<string | undefined> {
    return this.#assumed.get(path) ?? (await readSetting(this.machine, path));
  }

  /** Takes for granted what a change will come to, which is yet to be made: one setting changes others. */
  assume(path: string, value: string): void {
    this.#assumed.set(path, value);
  }

  /** Takes nothing for granted any more. */
  unassuming(): this {
    this.#assumed.clear();
    return this;
  }

  /** Addresses, links and routes have been changed. */
  forgetNetwork(): void {
    this.#links = undefined;
    this.#routes.clear();
  }

  async #readTable(): Promise<ReadonlyMap<string, State>> {
    const table = new Map<string, State>();
    if (!this.#mayLoad && !(await this.machine.list('/proc/net')).includes('ip_vs')) return table;
    for await (const entry of (await this.session.client()).table()) {
      const service = asWanted(entry);
      table.set(formatService(service.id, numericNaming), rulesOf(service));
    }
    return table;
  }
}

/** A service as rules: itself, then its real servers in an order that does not depend on who added which first. */
export function rulesOf({ id, settings, destinations }: WantedService): State {
  const servers = destinations.map((server) => destinationRule(id, server, numericNaming));
  return [serviceRule({ id, settings }, numericNaming), ...servers.sort()];
}
