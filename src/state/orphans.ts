import { isTemplate, markOf } from '../ipvs/model/connection.js';
import { formatEndpoint, formatServiceId, isMark } from '../ipvs/model/service.js';
import type { ServiceId } from '../ipvs/model/service.js';
import type { DestinationId } from '../ipvs/model/destination.js';
import type { Connection, Endpoint } from '../ipvs/proc/read-connections.js';

/** A virtual service and the weights of its real servers. */
export interface WeighedService {
  readonly service: { readonly id: ServiceId };
  readonly destinations: readonly {
    readonly id: DestinationId;
    readonly settings: { readonly weight: number };
  }[];
}

/** The templates of FTP are for all ports of its address. */
const FTP_PORT = 21;

/** The weights of a service's real servers: by their ends, and the highest by their addresses. */
class Servers {
  readonly #byEnd = new Map<string, number>();
  readonly #byAddress = new Map<string, number>();

  add({ address, port }: DestinationId, weight: number): void {
    const [end, text] = [formatEndpoint(address, port), address.toString()];
    this.#byEnd.set(end, Math.max(weight, this.#byEnd.get(end) ?? 0));
    this.#byAddress.set(text, Math.max(weight, this.#byAddress.get(text) ?? 0));
  }

  /** The weight of a connection's real server; undefined when it is none of these. */
  weightOf(connection: Connection): number | undefined {
    const { address, port } = connection.destination;
    // The template of a service for all ports, and of FTP, names no port.
    if (port === 0 && isTemplate(connection)) return this.#byAddress.get(address.toString());
    const weight = this.#byEnd.get(formatEndpoint(address, port));
    return weight ?? this.#byEnd.get(formatEndpoint(address, 0));
  }

  /** The highest weight at an address, whatever the port. */
  weightAt({ address }: Endpoint): number | undefined {
    return this.#byAddress.get(address.toString());
  }
}

/** Finds connections whose real server is gone from the table, or has weight 0, among very many. */
export class OrphanDetector {
  readonly #byService = new Map<string, Servers>();
  /** The real servers of all services by mark. */
  readonly #byMark = new Servers();
  readonly #all = new Servers();

  constructor(table: readonly WeighedService[]) {
    for (const { service, destinations } of table) {
      const servers = new Servers();
      for (const { id, settings } of destinations) {
        servers.add(id, settings.weight);
        this.#all.add(id, settings.weight);
        if (isMark(service.id)) this.#byMark.add(id, settings.weight);
      }
      this.#byService.set(formatServiceId(service.id), servers);
    }
  }

  /**
   * Whether the real server of a connection has been removed from its service. False where that is unknown: the data
   * connection of a file transfer, say, belongs to no service, but to a real server of one.
   */
  isGone(connection: Connection): boolean {
    return this.#weightOf(connection) === undefined;
  }

  /** Whether the real server of a connection is gone, or gets no new ones because its weight is 0. */
  isOrphan(connection: Connection): boolean {
    const weight = this.#weightOf(connection);
    return weight === undefined ? !isBypass(connection) : weight === 0;
  }

  /** The highest weight that the real server has in the services that the entry may belong to. */
  #weightOf(connection: Connection): number | undefined {
    const services = this.#servicesOf(connection);
    if (services.length === 0) {
      return this.#byMark.weightOf(connection) ?? this.#all.weightAt(connection.destination);
    }
    const weights = [...services, this.#byMark].flatMap((one) => one.weightOf(connection) ?? []);
    return weights.length === 0 ? undefined : Math.max(...weights);
  }

  #servicesOf(connection: Connection): readonly Servers[] {
    return keysOf(connection).flatMap((key) => this.#byService.get(key) ?? []);
  }
}

/** The services that an entry may belong to, apart from those by mark, which only the entry of a template shows. */
function keysOf(connection: Connection): readonly string[] {
  const mark = markOf(connection);
  if (mark !== undefined) return [formatServiceId(mark)];
  const { protocol, virtual } = connection;
  const ports = virtual.port === 0 ? [0, FTP_PORT] : [virtual.port, 0];
  return ports.map((port) => `${protocol}:${formatEndpoint(virtual.address, port)}`);
}

/** A packet that goes to where its client sent it (cache_bypass) has no real server to lose. */
export function isBypass({ destination, virtual }: Connection): boolean {
  return destination.address.equals(virtual.address);
}
