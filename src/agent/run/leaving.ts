import { numberOf, recordsOf, textOf } from '../../common/json.js';
import type { AgentConfig, ServiceConfig } from '../config/config.js';
import type { Moment } from '../health/health.js';
import type { Target } from './targets.js';

/** A server that has left the file, while its connections are waited for. */
export interface LeavingServer extends Target {
  readonly sinceWallMs: number;
  /** By the monotonic clock: the other may jump, and would cut connections. */
  readonly untilMs: number;
}

/** A service that has left the file. */
export interface LeavingService {
  readonly service: string;
  readonly sinceWallMs: number;
  readonly untilMs: number;
}

/** What an agent before this one has kept in the table. */
export interface FormerlyKept {
  /** Services that the records say are an agent's. */
  readonly owned: readonly string[];
  /** Servers by their services. */
  readonly servers: ReadonlyMap<string, readonly string[]>;
}

/** How long a service is drained that left the file while no agent ran: what the file said of it is not known. */
const LEFT_UNSEEN_MS = 30_000;
const NONE: ReadonlyMap<string, LeavingServer> = new Map();

/** What has left the file: it is drained for a while, and then removed. */
export class Leaving {
  readonly #servers = new Map<string, Map<string, LeavingServer>>();
  readonly #services = new Map<string, LeavingService>();
  /** Services whose time is over, until the kernel has them no more. */
  readonly #over = new Set<string>();

  /** The servers of a service that are drained. */
  serversOf(service: string): ReadonlyMap<string, LeavingServer> {
    return this.#servers.get(service) ?? NONE;
  }

  service(service: string): LeavingService | undefined {
    return this.#services.get(service);
  }

  isOver(service: string): boolean {
    return this.#over.has(service);
  }

  get servers(): readonly LeavingServer[] {
    return [...this.#servers.values()].flatMap((one) => [...one.values()]);
  }

  get services(): readonly LeavingService[] {
    return [...this.#services.values()];
  }

  /** Services that are drained, or are to be removed. */
  serviceKeys(): readonly string[] {
    return [...this.#services.keys(), ...this.#over];
  }

  addServer(one: LeavingServer): void {
    const servers = this.#servers.get(one.service) ?? new Map<string, LeavingServer>();
    this.#servers.set(one.service, servers.set(one.server, one));
  }

  addService(one: LeavingService): void {
    this.#servers.delete(one.service);
    this.#services.set(one.service, one);
  }

  /** It is to be removed at once. */
  cutService(service: string): void {
    this.#servers.delete(service);
    this.#over.add(service);
  }

  endServer({ service, server }: Target): void {
    const servers = this.#servers.get(service);
    servers?.delete(server);
    if (servers?.size === 0) this.#servers.delete(service);
  }

  /** Its time is over: it is to be removed. */
  endService(service: string): void {
    if (this.#services.delete(service)) this.#over.add(service);
  }

  /** It is gone. */
  forget(service: string): void {
    this.#services.delete(service);
    this.#over.delete(service);
  }

  /** Takes over what an agent before has had, and the file does not name any more: it left while no agent ran. */
  adopt(configs: readonly ServiceConfig[], { owned, servers }: FormerlyKept, now: Moment): void {
    this.keep(configs);
    const named = new Map(configs.map((config) => [config.key, config]));
    for (const service of owned) {
      if (named.has(service) || this.#services.has(service)) continue;
      this.addService({ service, ...until(now, LEFT_UNSEEN_MS) });
    }
    for (const [service, keys] of servers) {
      const config = named.get(service);
      if (config === undefined || config.drainMs === 0) continue;
      const kept = new Set(keysOf(config));
      for (const server of keys) {
        if (kept.has(server) || this.serversOf(service).has(server)) continue;
        this.addServer({ service, server, ...until(now, config.drainMs) });
      }
    }
  }

  /** What the file has again does not leave. */
  keep(configs: readonly ServiceConfig[]): void {
    for (const { key: service, servers, sorryServer } of configs) {
      this.#services.delete(service);
      this.#over.delete(service);
      for (const { key: server } of servers) this.endServer({ service, server });
      if (sorryServer !== undefined) this.endServer({ service, server: sorryServer.key });
    }
  }
}

/** What one configuration has and the next one does not. */
export interface Leavers {
  readonly services: readonly LeavingService[];
  readonly servers: readonly LeavingServer[];
  /** Services that are not drained. */
  readonly cut: readonly string[];
}

export function leaversOf(before: AgentConfig, after: AgentConfig, now: Moment): Leavers {
  const next = new Map(after.services.map((config) => [config.key, config]));
  const services: LeavingService[] = [];
  const servers: LeavingServer[] = [];
  const cut: string[] = [];
  for (const old of before.services) {
    const { key: service, drainMs } = old;
    const config = next.get(service);
    if (config !== undefined) servers.push(...serversThatLeave(old, config, now));
    else if (drainMs > 0) services.push({ service, ...until(now, drainMs) });
    else cut.push(service);
  }
  return { services, servers, cut };
}

function serversThatLeave(old: ServiceConfig, config: ServiceConfig, now: Moment): LeavingServer[] {
  if (config.drainMs === 0) return [];
  const kept = new Set(keysOf(config));
  const gone = keysOf(old).filter((server) => !kept.has(server));
  return gone.map((server) => ({ service: old.key, server, ...until(now, config.drainMs) }));
}

function until({ wallMs, monotonicMs }: Moment, drainMs: number) {
  return { sinceWallMs: wallMs, untilMs: monotonicMs + drainMs };
}

function keysOf({ servers, sorryServer }: ServiceConfig): string[] {
  return [...servers, ...(sorryServer === undefined ? [] : [sorryServer])].map(({ key }) => key);
}

/** What leaves, in a saved file; what is damaged is left out. */
export function readLeaving(servers: unknown, services: unknown): Leaving {
  const leaving = new Leaving();
  for (const record of recordsOf(services)) {
    const [service, times] = [textOf(record['service']), timesOf(record)];
    if (service !== undefined && times !== undefined) leaving.addService({ service, ...times });
  }
  for (const record of recordsOf(servers)) {
    const [service, server] = [textOf(record['service']), textOf(record['server'])];
    const times = timesOf(record);
    if (service === undefined || server === undefined || times === undefined) continue;
    leaving.addServer({ service, server, ...times });
  }
  return leaving;
}

function timesOf(record: Readonly<Record<string, unknown>>) {
  const [sinceWallMs, untilMs] = [numberOf(record['sinceWallMs']), numberOf(record['untilMs'])];
  return sinceWallMs === undefined || untilMs === undefined ? undefined : { sinceWallMs, untilMs };
}
