import type { ServerState, ServiceState } from '../health/health.js';

/** What the agent's socket answers, `ipvs status --json` and `ipvs events -o ndjson` print. Times are ISO 8601 in UTC. */

export interface StatusJson {
  readonly schemaVersion: 1;
  readonly agent: {
    readonly version: string;
    readonly pid: number;
    readonly since: string;
    readonly configFile: string;
    readonly configValid: boolean;
    /** What is wrong with the file, `web.yaml:7:9: …`. */
    readonly problem?: string;
  };
  readonly services: readonly ServiceStatusJson[];
}

export interface ServiceStatusJson {
  readonly service: string;
  readonly name?: string;
  readonly state: ServiceState;
  readonly since: string;
  readonly up: number;
  readonly quorum: number;
  readonly quorumMet: boolean;
  readonly servers: readonly ServerStatusJson[];
}

export interface ServerStatusJson {
  readonly server: string;
  readonly state: ServerState;
  readonly since: string;
  readonly reason?: string;
  readonly wantedWeight: number;
  readonly weight: number;
  readonly checks: readonly CheckStatusJson[];
}

export interface CheckStatusJson {
  readonly type: string;
  readonly passing: boolean;
  readonly reason?: string;
  readonly at?: string;
  readonly durationMs?: number;
}

export interface EventJson {
  readonly type: 'server' | 'service' | 'config' | 'drift' | 'drain' | 'maintenance' | 'agent';
  readonly seq: number;
  readonly time: string;
  readonly severity: 'info' | 'warning' | 'error';
  readonly service?: string;
  readonly server?: string;
  readonly from?: string;
  readonly to?: string;
  readonly reason?: string;
}

/** An event before it has its number and, unless it has one, its time. */
export type NewEvent = Omit<EventJson, 'seq' | 'time'> & { readonly time?: string };

export interface DrainRequest {
  readonly servers: readonly string[];
  /** Selectors of services; all that have the servers when it is left out. */
  readonly services?: readonly string[];
  readonly timeoutSeconds?: number;
  readonly delete?: boolean;
}

export interface MaintenanceRequest {
  readonly servers: readonly string[];
  readonly services?: readonly string[];
  readonly reason?: string;
}

/** The socket answers it with 200, or with 422 where there is a problem. */
export interface ReloadJson {
  readonly configValid: boolean;
  readonly problem?: string;
}
