/** What the agent tells of traffic: `GET /v1/traffic`. Times are ISO 8601 in UTC. */

export interface TrafficJson {
  readonly schemaVersion: 1;
  /** When the kernel's counters were last read. */
  readonly time: string;
  /** How far apart readings, and so the points of a history, are. */
  readonly intervalSeconds: number;
  readonly total: { readonly rates: RatesJson; readonly history: HistoryJson };
  /** Those that are in the kernel's table: a service of the status may be missing. */
  readonly services: readonly ServiceTrafficJson[];
}

export interface ServiceTrafficJson {
  readonly service: string;
  readonly activeConnections: number;
  readonly inactiveConnections: number;
  readonly rates: RatesJson;
  /** With `services=`, as are servers. */
  readonly history?: HistoryJson;
  readonly servers?: readonly ServerTrafficJson[];
}

export interface ServerTrafficJson {
  readonly server: string;
  readonly weight: number;
  readonly activeConnections: number;
  readonly inactiveConnections: number;
  readonly rates: RatesJson;
}

/** Outward it is 0 for direct routing and tunnels: the kernel does not see replies. */
export interface RatesJson {
  readonly connectionsPerSecond: number;
  readonly packetsInPerSecond: number;
  readonly packetsOutPerSecond: number;
  readonly bytesInPerSecond: number;
  readonly bytesOutPerSecond: number;
}

/**
 * Oldest first, the last at `time`; null where nothing is known, because the agent did not run or a reading failed.
 */
export interface HistoryJson {
  readonly connectionsPerSecond: readonly (number | null)[];
  readonly bytesInPerSecond: readonly (number | null)[];
  readonly bytesOutPerSecond: readonly (number | null)[];
}
