import { clockText } from './clock.js';
import type { TopReader } from './reader.js';
import { Sampler } from './sample.js';
import type { HealthByService, NamedVirtualService, Opened } from './sample.js';
import type { TopEvent } from './update.js';

/** Readings of the kernel's table, as events of the view, with the rates since the reading before. */
export class Readings {
  readonly #reader: TopReader;
  readonly #readHealth: () => Promise<HealthByService | undefined>;
  readonly #sampler = new Sampler();
  #health: HealthByService | undefined;
  /** What was read already. */
  #first: readonly NamedVirtualService[] | undefined;

  /** @param first what was read to see whether there is something. */
  constructor(
    reader: TopReader,
    first: readonly NamedVirtualService[],
    readHealth: () => Promise<HealthByService | undefined> = () => Promise.resolve(undefined),
  ) {
    this.#reader = reader;
    this.#readHealth = readHealth;
    this.#first = first;
  }

  /** Reads the services, and the real servers of the one that is opened. @throws CliError, IpvsError */
  async all(opened: string | undefined): Promise<TopEvent> {
    const services = this.#first ?? (await this.#reader.services()).entries;
    this.#first = undefined;
    this.#health = await this.#readHealth();
    const sample = this.#sampler.sample(
      ...([services, clockText(new Date()), performance.now(), this.#health] as const),
    );
    return {
      type: 'sample',
      sample,
      opened: opened === undefined ? undefined : await this.#open(opened),
    };
  }

  /** Reads the real servers of a service that was opened. @throws IpvsError */
  async opened(key: string): Promise<TopEvent> {
    return { type: 'opened', opened: await this.#open(key) };
  }

  async #open(key: string): Promise<Opened> {
    const servers = await this.#reader.servers(key);
    return this.#sampler.open(key, servers, performance.now(), this.#health);
  }
}
