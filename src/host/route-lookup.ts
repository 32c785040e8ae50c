import type { Host } from './host.js';
import { resolveRoutes } from './network.js';
import type { ResolvedRoute } from './network.js';

/** Routes to addresses: each is looked up once, and many at a time. */
export class RouteLookup {
  readonly #host: Host;
  readonly #known = new Map<string, ResolvedRoute | undefined>();

  constructor(host: Host) {
    this.#host = host;
  }

  /** @returns the routes to these addresses, and to those looked up before. An address without a route is undefined. */
  async to(addresses: Iterable<string>): Promise<ReadonlyMap<string, ResolvedRoute | undefined>> {
    const unknown = [...new Set(addresses)].filter((address) => !this.#known.has(address));
    const found = await resolveRoutes(this.#host, unknown);
    for (const address of unknown) this.#known.set(address, found.get(address));
    return this.#known;
  }

  /** Drops all results, as addresses or routes were changed. */
  forget(): void {
    this.#known.clear();
  }
}
