import type { ServiceEntry } from '../ipvs/client/client.js';
import type { Connection, Endpoint } from '../ipvs/proc/read-connections.js';
import { formatEndpoint, isMark } from '../ipvs/model/service.js';

/** Finds connections to real servers that are not in the table, among very many. */
export class StaleDetector {
  /** The real servers of each service that has an address, both as text. */
  readonly #byService = new Map<string, ReadonlySet<string>>();
  /** The real servers of services by mark: an entry of the connection table does not show its mark. */
  readonly #byMark = new Set<string>();
  readonly #addresses = new Set<string>();

  constructor(table: readonly ServiceEntry[]) {
    for (const { service, destinations } of table) {
      const ends = destinations.map(({ id }) => formatEndpoint(id.address, id.port));
      for (const { id } of destinations) this.#addresses.add(id.address.toString());
      if (isMark(service.id)) for (const end of ends) this.#byMark.add(end);
      else this.#byService.set(keyOf(service.id.protocol, service.id), new Set(ends));
    }
  }

  /**
   * Whether the real server of a connection has been removed from its service. False where that is unknown: the data
   * connection of a file transfer, say, belongs to no service, but to a real server of one.
   */
  isStale({ protocol, virtual, destination }: Connection): boolean {
    const services = [virtual.port, 0].flatMap((port) => {
      const found = this.#byService.get(keyOf(protocol, { address: virtual.address, port }));
      return found === undefined ? [] : [found];
    });
    if (services.length === 0) return !this.#addresses.has(destination.address.toString());
    const ends = [destination.port, 0].map((port) => formatEndpoint(destination.address, port));
    return ![...services, this.#byMark].some((known) => ends.some((end) => known.has(end)));
  }
}

function keyOf(protocol: string, { address, port }: Endpoint): string {
  return `${protocol}:${formatEndpoint(address, port)}`;
}
