import type { IpvsClient } from '../ipvs/client/client.js';
import type { IpvsInfo } from '../ipvs/client/options.js';
import type { Connection } from '../ipvs/proc/read-connections.js';
import type { SyncDaemon } from '../ipvs/model/daemon.js';
import type { Session } from '../terminal/session.js';
import type { Host } from '../host/host.js';
import { readLinks, readRoutes } from '../host/network.js';
import type { Link, Route, ResolvedRoute } from '../host/network.js';
import { readSysctlNumber, readSysctl } from '../host/sysctl.js';
import type { Family } from '../common/ip-family.js';
import type { Sysctl } from '../host/sysctl.js';
import { RouteLookup } from '../host/route-lookup.js';
import { processesNamed } from '../host/processes.js';
import type { Process } from '../host/processes.js';
import type { LoadedRulesFile } from '../state/load-rules.js';
import { localVirtualAddresses } from './virtual-addresses.js';
import type { LocalVirtualAddress } from './virtual-addresses.js';
import { readFirewall } from './firewall/read.js';
import type { Ruleset } from './firewall/rules.js';
import { servedAddresses } from './roles.js';

/** A table of a million connections takes minutes to read: the first ones tell what there is. */
export const MOST_CONNECTIONS = 100_000;

const CONTROLLERS = new Set([
  ...['keepalived', 'ldirectord', 'kube-proxy', 'kube-router'],
  ...['pacemakerd', 'vrrpd', 'ucarp', 'exabgp'],
]);

export interface SnapshotOptions {
  readonly session: Session;
  readonly host: Host;
  /** Virtual addresses that the administrator expects here. */
  readonly virtualAddresses: readonly string[];
  /** The rules file, if there is one. */
  readonly savedRules: () => Promise<LoadedRulesFile | undefined>;
  /** What `ipvs realserver up` was asked for here, if it was: behind NAT nothing else tells a real server. */
  readonly setUp?: RealServerSetUp | undefined;
  /** What the administrator says this machine is. */
  readonly role?: RoleName | undefined;
}

export const roleNames = ['director', 'realserver'] as const;
export type RoleName = (typeof roleNames)[number];

export interface RealServerSetUp {
  readonly method: string | undefined;
  readonly virtualAddresses: readonly string[];
}

/** What is known of the machine: read when it is first asked for, and once. */
export class HostSnapshot {
  readonly host: Host;
  readonly virtualAddresses: readonly string[];
  readonly setUp: RealServerSetUp | undefined;
  readonly role: RoleName | undefined;
  /** What the rules file says, if there is one. */
  readonly savedRules: () => Promise<LoadedRulesFile | undefined>;
  readonly #session: Session;
  readonly #routeLookup: RouteLookup;

  constructor({ session, host, ...known }: SnapshotOptions) {
    this.#session = session;
    this.host = host;
    this.#routeLookup = new RouteLookup(host);
    this.virtualAddresses = known.virtualAddresses;
    this.savedRules = once(known.savedRules);
    this.setUp = known.setUp;
    this.role = known.role;
  }

  /** Whether the kernel has IPVS now. Nothing here loads it: a real server does without. */
  readonly hasIpvs = once(async () => (await this.host.list('/proc/net')).includes('ip_vs'));

  /** The table; empty without IPVS. */
  readonly table = once(() => this.#ask([], async (client) => all(client.table())));

  readonly syncDaemons = once(() =>
    this.#ask<readonly SyncDaemon[]>([], (client) => client.syncDaemons()),
  );

  readonly info = once(() => this.#ask<IpvsInfo | undefined>(undefined, (client) => client.info()));

  /** The first entries of the connection table, and whether these are all. */
  readonly connections = once(() =>
    this.#ask({ entries: [] as Connection[], complete: true }, async (client) => {
      const entries: Connection[] = [];
      for await (const connection of client.connections()) {
        if (entries.length === MOST_CONNECTIONS) return { entries, complete: false };
        entries.push(connection);
      }
      return { entries, complete: true };
    }),
  );

  readonly links = once((): Promise<readonly Link[]> => readLinks(this.host));
  readonly #routes4 = once(() => readRoutes(this.host, 'ipv4'));
  readonly #routes6 = once(() => readRoutes(this.host, 'ipv6'));

  /** The main table. */
  routes(family: Family): Promise<readonly Route[]> {
    return family === 'ipv4' ? this.#routes4() : this.#routes6();
  }

  /** Where packets to these addresses go. */
  resolvedRoutes(
    addresses: Iterable<string>,
  ): Promise<ReadonlyMap<string, ResolvedRoute | undefined>> {
    return this.#routeLookup.to(addresses);
  }

  /** Addresses that this machine takes packets for as a real server does: on lo, on a tunnel, on a dummy. */
  readonly accepted = once(async (): Promise<readonly LocalVirtualAddress[]> =>
    localVirtualAddresses(await this.links(), await this.namedAddresses()),
  );

  /** Those of `--vip` that this machine is to have as a real server; a director has its own in other ways. */
  readonly namedAddresses = once(async (): Promise<readonly string[]> =>
    this.role !== 'realserver' && (await this.isDirector()) ? [] : this.virtualAddresses,
  );

  /** Programs that move virtual addresses or write the table, and are running here. */
  readonly controllers = once((): Promise<readonly Process[]> =>
    processesNamed(this.host, CONTROLLERS),
  );

  /** What filters packets on their way in or through. */
  readonly firewall = once((): Promise<readonly Ruleset[]> => readFirewall(this.host));

  /** Whether IPVS is in use: there are services, or sync daemons. */
  readonly isActive = once(
    async () => (await this.table()).length > 0 || (await this.syncDaemons()).length > 0,
  );

  readonly isDirector = once(async () => this.role === 'director' || (await this.isActive()));

  readonly isRealServer = once(
    async () =>
      this.role === 'realserver' ||
      this.setUp !== undefined ||
      (await servedAddresses(this)).length > 0,
  );

  setting(setting: Sysctl): Promise<string | undefined> {
    return readSysctl(this.host, setting);
  }

  number(setting: Sysctl): Promise<number | undefined> {
    return readSysctlNumber(this.host, setting);
  }

  async #ask<T>(without: T, ask: (client: IpvsClient) => Promise<T>): Promise<T> {
    if (!(await this.hasIpvs())) return without;
    return ask(await this.#session.client());
  }
}

function once<T>(read: () => Promise<T>): () => Promise<T> {
  let reading: Promise<T> | undefined;
  return () => (reading ??= read());
}

async function all<T>(entries: AsyncIterable<T>): Promise<readonly T[]> {
  const list: T[] = [];
  for await (const entry of entries) list.push(entry);
  return list;
}
