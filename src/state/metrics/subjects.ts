import type { Destination, DestinationId } from '../../ipvs/model/destination.js';
import type { ServiceId } from '../../ipvs/model/service.js';
import type { Statistics } from '../../ipvs/model/statistics.js';

/** What metrics are made of. */
export interface MeasuredDirector {
  /** Of the program that measures. */
  readonly version: string;
  /** The kernel's release: 6.1.0-18-amd64. */
  readonly kernel: string;
  readonly connectionTableSize: number;
  /** Since the last zeroing. Undefined: they were not read. */
  readonly totals: Counters | undefined;
  readonly services: readonly MeasuredService[];
}

export type Counters = Omit<Statistics, 'rates' | 'toJSON'>;

/** A virtual service with its real servers. */
export interface MeasuredService {
  readonly id: ServiceId;
  /** The name that a state file gave it. */
  readonly name?: string | undefined;
  readonly statistics: Counters;
  readonly destinations: readonly MeasuredServer[];
}

/** A real server by itself. */
export type MeasuredServer = Pick<
  Destination,
  'settings' | 'activeConnections' | 'inactiveConnections' | 'persistentConnections' | 'statistics'
> & { readonly id: DestinationId };

/** A real server of a virtual service. */
export interface ServedBy {
  readonly service: MeasuredService;
  readonly server: MeasuredServer;
}

export function serversOf(services: readonly MeasuredService[]): ServedBy[] {
  return services.flatMap((service) => service.destinations.map((server) => ({ service, server })));
}
