import type { Rates } from '../../ipvs/model/statistics.js';
import type { ConnectionCountsJson } from '../../state/service-json.js';

/** What the agent knows of traffic: `GET /v1/traffic`. Times are ISO 8601 in UTC, rates and connections as in `ipvs list --json`. */

export interface TrafficJson {
  readonly schemaVersion: 1;
  /** When the last point of the histories was read. Undefined: none was yet. */
  readonly time?: string;
  /** How far apart the points of a history are. */
  readonly intervalSeconds: number;
  readonly total: { readonly rates: Rates; readonly history: HistoryJson };
  /** Those that are in the kernel's table: a service of the status may be missing. */
  readonly services: readonly ServiceTrafficJson[];
}

/** Rates outward are 0 for direct routing and tunnels: the kernel does not see replies. */
export interface ServiceTrafficJson {
  /** As `ipvs list --json` writes it: `tcp:192.0.2.1:80`. */
  readonly service: string;
  /** Of all its servers. */
  readonly connections: ConnectionCountsJson;
  readonly rates: Rates;
  /** With `services=`, as are servers. */
  readonly history?: HistoryJson;
  readonly servers?: readonly ServerTrafficJson[];
}

export interface ServerTrafficJson {
  readonly server: string;
  readonly weight: number;
  readonly connections: ConnectionCountsJson;
  readonly rates: Rates;
}

/** Oldest first, the last at `time`; null where nothing is known: a reading failed, or the service is newer. */
export interface HistoryJson {
  readonly connectionsPerSecond: readonly (number | null)[];
  readonly incomingBytesPerSecond: readonly (number | null)[];
  readonly outgoingBytesPerSecond: readonly (number | null)[];
}

/** The rates that are kept, over the last hour. */
export const historyRates = [
  'connectionsPerSecond',
  'incomingBytesPerSecond',
  'outgoingBytesPerSecond',
] as const satisfies readonly (keyof Rates & keyof HistoryJson)[];
