import type { Host } from './host.js';
import { resolveRoutes } from './network.js';
import type { ResolvedRoute } from './network.js';

/** Where packets to addresses go: each is looked up once, and many at a time. */
export class RouteLookup {
  readonly #host: Host;
  readonly #known = new Map<string, ResolvedRoute | undefined>();

  constructor(host: Host) {
    this.#host = host;
  }

  /** @returns what is known of these, and of those asked for before. One that has no way is undefined. */
  async to(addresses: Iterable<string>): Promise<ReadonlyMap<string, ResolvedRoute | undefined>> {
    const unknown = [...new Set(addresses)].filter((address) => !this.#known.has(address));
    const found = await resolveRoutes(this.#host, unknown);
    for (const address of unknown) this.#known.set(address, found.get(address));
    return this.#known;
  }

  /** Addresses or routes have been changed. */
  forget(): void {
    this.#known.clear();
  }
}
