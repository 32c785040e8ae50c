import { collect } from '../common/collect.js';
import { Lazy } from '../common/lazy.js';
import type { IpvsClient, ServiceEntry } from '../ipvs/client/client.js';
import type { IpvsInfo } from '../ipvs/client/options.js';
import type { SyncDaemon } from '../ipvs/model/daemon.js';
import type { Timeouts } from '../ipvs/model/timeouts.js';
import type { Connection } from '../ipvs/proc/read-connections.js';

/** A table of a million connections takes minutes to read: the first ones show what there is. */
const MOST_CONNECTIONS = 100_000;

/** The state of IPVS: each part is read when it is first asked for, and kept until it is forgotten. */
export class IpvsSnapshot {
  readonly #client: () => Promise<IpvsClient>;
  readonly #isPresent: () => Promise<boolean>;
  readonly #table = new Lazy(() =>
    this.#ask<readonly ServiceEntry[]>([], (client) => collect(client.table())),
  );
  readonly #syncDaemons = new Lazy(() =>
    this.#ask<readonly SyncDaemon[]>([], (client) => client.syncDaemons()),
  );
  readonly #timeouts = new Lazy(() =>
    this.#ask<Timeouts | undefined>(undefined, (client) => client.timeouts()),
  );
  readonly #info = new Lazy(() =>
    this.#ask<IpvsInfo | undefined>(undefined, (client) => client.info()),
  );
  readonly #connections = new Lazy(() => this.#ask<readonly Connection[]>([], firstConnections));

  /**
   * @param client opens IPVS, which loads its module
   * @param isPresent whether to ask it: where it is not, everything is empty
   */
  constructor(client: () => Promise<IpvsClient>, isPresent: () => Promise<boolean>) {
    this.#client = client;
    this.#isPresent = isPresent;
  }

  /** The virtual services with their real servers. */
  table(): Promise<readonly ServiceEntry[]> {
    return this.#table.get();
  }

  syncDaemons(): Promise<readonly SyncDaemon[]> {
    return this.#syncDaemons.get();
  }

  timeouts(): Promise<Timeouts | undefined> {
    return this.#timeouts.get();
  }

  info(): Promise<IpvsInfo | undefined> {
    return this.#info.get();
  }

  /** The first entries of the connection table. */
  connections(): Promise<readonly Connection[]> {
    return this.#connections.get();
  }

  /** Drops everything: IPVS was changed. */
  forget(): void {
    this.#table.forget();
    this.#syncDaemons.forget();
    this.#timeouts.forget();
    this.#info.forget();
    this.#connections.forget();
  }

  async #ask<T>(otherwise: T, ask: (client: IpvsClient) => Promise<T>): Promise<T> {
    return (await this.#isPresent()) ? await ask(await this.#client()) : otherwise;
  }
}

async function firstConnections(client: IpvsClient): Promise<readonly Connection[]> {
  const entries: Connection[] = [];
  for await (const connection of client.connections()) {
    entries.push(connection);
    if (entries.length === MOST_CONNECTIONS) break;
  }
  return entries;
}
