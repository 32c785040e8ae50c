import type { IpvsClient, ServiceEntry } from '../../ipvs/client/client.js';
import { collect } from '../../common/collect.js';
import { isIpvsError } from '../../ipvs/errors.js';
import { parseServiceId } from '../../ipvs/model/selectors.js';
import type { VirtualService } from '../../ipvs/model/service.js';
import { allServices, withDestinations } from '../../state/saved-table.js';
import type { Clock } from '../run/clock.js';

/**
 * Whoever asks again within this time gets the same table, unless the agent has changed it since: reading it takes time away
 * from the checks.
 */
const SHARED_MS = 2000;

/** Reads the kernel's table for those who look at it. The agent's own reading and writing goes on beside it. */
export class TableObserver {
  readonly #open: () => Promise<IpvsClient>;
  #client: Promise<IpvsClient> | undefined;
  readonly #table: Shared<readonly ServiceEntry[]>;
  readonly #services: Shared<readonly VirtualService[]>;

  /** @param writes how many times the agent has written to the table. */
  constructor(open: () => Promise<IpvsClient>, clock: Clock, writes: () => number) {
    this.#open = open;
    this.#table = new Shared(clock, writes, () => this.#read(tableInOrder));
    this.#services = new Shared(clock, writes, () => this.servicesNow());
  }

  /** All services with their servers, of a moment ago at most. */
  table(): Promise<readonly ServiceEntry[]> {
    return this.#table.get();
  }

  /** All services without their servers, of a moment ago at most. */
  services(): Promise<readonly VirtualService[]> {
    return this.#services.get();
  }

  /** All services without their servers, as they are now: for what is counted by the clock. */
  servicesNow(): Promise<readonly VirtualService[]> {
    return this.#read((client) => collect(client.services()));
  }

  /** Some services with their servers; those that are not in the table are left out. */
  some(keys: readonly string[]): Promise<readonly ServiceEntry[]> {
    return this.#read(async (client) => {
      const services: VirtualService[] = [];
      for (const key of new Set(keys)) {
        const service = await serviceOf(client, key);
        if (service !== undefined) services.push(service);
      }
      return withServers(client, services);
    });
  }

  /** The number of buckets of the connection table. */
  tableSize(): Promise<number> {
    return this.#read(async (client) => (await client.info()).connectionTableSize);
  }

  async close(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    (await client?.catch(() => undefined))?.close();
  }

  /** A client that has failed is not used again. */
  async #read<T>(work: (client: IpvsClient) => Promise<T>): Promise<T> {
    this.#client ??= this.#open();
    try {
      return await work(await this.#client);
    } catch (error) {
      await this.close();
      throw error;
    }
  }
}

/** Something that is read once for all who ask for it within a short time. */
class Shared<T> {
  readonly #clock: Clock;
  readonly #writes: () => number;
  readonly #read: () => Promise<T>;
  #last:
    { readonly untilMs: number; readonly writes: number; readonly value: Promise<T> } | undefined;

  constructor(clock: Clock, writes: () => number, read: () => Promise<T>) {
    this.#clock = clock;
    this.#writes = writes;
    this.#read = read;
  }

  get(): Promise<T> {
    const now = this.#clock.monotonicMs();
    const writes = this.#writes();
    const shared = this.#last;
    if (shared?.writes === writes && shared.untilMs > now) return shared.value;
    const value = this.#read();
    const last = { untilMs: now + SHARED_MS, writes, value };
    this.#last = last;
    value.catch(() => {
      if (this.#last === last) this.#last = undefined;
    });
    return value;
  }
}

/** In the order of listings, as `ipvs metrics` has it. */
async function tableInOrder(client: IpvsClient): Promise<readonly ServiceEntry[]> {
  return withServers(client, await allServices(client.services(), true));
}

async function withServers(
  client: IpvsClient,
  services: readonly VirtualService[],
): Promise<readonly ServiceEntry[]> {
  const pieces = withDestinations(client, services, (ids) => client.destinations(ids), true);
  return (await collect(pieces)).flat();
}

async function serviceOf(client: IpvsClient, key: string): Promise<VirtualService | undefined> {
  try {
    return await client.service(parseServiceId(key));
  } catch (error) {
    if (isIpvsError(error) && error.code === 'ESRCH') return undefined;
    throw error;
  }
}
