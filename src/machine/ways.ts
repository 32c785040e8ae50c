import type { Machine } from './machine.js';
import { waysTo } from './network.js';
import type { Way } from './network.js';

/** Where packets to addresses go: each is looked up once, and many at a time. */
export class Ways {
  readonly #machine: Machine;
  readonly #known = new Map<string, Way | undefined>();

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  /** @returns what is known of these, and of those asked for before. One that has no way is undefined. */
  async to(addresses: Iterable<string>): Promise<ReadonlyMap<string, Way | undefined>> {
    const unknown = [...new Set(addresses)].filter((address) => !this.#known.has(address));
    const found = await waysTo(this.#machine, unknown);
    for (const address of unknown) this.#known.set(address, found.get(address));
    return this.#known;
  }

  /** Addresses or routes have been changed. */
  forget(): void {
    this.#known.clear();
  }
}
