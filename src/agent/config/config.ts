import type { IpAddress } from '../../ipvs/model/address.js';
import type { DestinationId, DestinationSettings } from '../../ipvs/model/destination.js';
import type { ServiceId, ServiceSettings } from '../../ipvs/model/service.js';
import type { SyncDaemonInput } from '../../ipvs/model/daemon.js';
import type { TimeoutsInput } from '../../ipvs/model/timeouts.js';
import type { JsonRecord } from '../../common/json.js';

/** What the agent is to do: the state files, with all defaults filled in and all texts parsed. */
export interface AgentConfig {
  /** Time between comparisons of the table with what it should be. */
  readonly reconcileMs: number;
  readonly timeouts: TimeoutsInput | undefined;
  readonly syncDaemons: readonly SyncDaemonInput[] | undefined;
  readonly services: readonly ServiceConfig[];
  /** Targets of all events, except those of a service that has its own targets. */
  readonly hooks: HookConfig;
}

/** Targets that receive events. */
export interface HookConfig {
  /** A program and its arguments. */
  readonly onChange: readonly string[] | undefined;
  readonly webhook: string | undefined;
}

/** An interface that has an address of the service while its quorum is met. */
export interface AnnounceConfig {
  readonly interface: string;
  readonly address: IpAddress;
}

/** A virtual service that the agent owns. */
export interface ServiceConfig {
  readonly id: ServiceId;
  /** {@link formatServiceId} of the id. */
  readonly key: string;
  readonly name: string | undefined;
  readonly settings: ServiceSettings;
  readonly servers: readonly ServerConfig[];
  /** What becomes of a server that is down: weight 0, or out of the table. */
  readonly onFailure: 'quiet' | 'remove';
  /** 0: none. */
  readonly slowStartMs: number;
  readonly sorryServer: SorryServer | undefined;
  readonly quorum: Quorum;
  /** How many servers above the quorum must be up until it counts as met again. */
  readonly hysteresis: number;
  readonly failOpen: FailOpen;
  /** What a server that is new in the file is before its first result. */
  readonly initial: 'starting' | 'up';
  /** How long a server that leaves the file is drained at most; 0 cuts its connections. */
  readonly drainMs: number;
  readonly announce: AnnounceConfig | undefined;
  /** A file that holds 0 while the quorum is met, and 1 while it is not. */
  readonly trackFile: string | undefined;
  /** Its own, or those of the file where it has none. */
  readonly hooks: HookConfig;
}

export interface SorryServer {
  readonly id: DestinationId;
  /** {@link formatDestinationId} of the id. */
  readonly key: string;
  readonly settings: DestinationSettings;
}

/** How many servers must be up. */
export type Quorum =
  | { readonly kind: 'servers'; readonly count: number }
  | { readonly kind: 'share'; readonly percent: number };

/** When servers that fail their checks stay in. A share includes `none-up`. */
export type FailOpen =
  | { readonly kind: 'none-up' }
  | { readonly kind: 'never' }
  | { readonly kind: 'share'; readonly percent: number };

/** A real server of one service, as it is wanted while it is healthy. */
export interface ServerConfig {
  readonly id: DestinationId;
  /** {@link formatDestinationId} of the id. */
  readonly key: string;
  readonly settings: DestinationSettings;
  /** All of them must pass. Without any, the server is always up. */
  readonly checks: readonly CheckConfig[];
}

/** How often is checked, and how many results make a verdict. */
export interface CheckRules {
  readonly intervalMs: number;
  readonly fastIntervalMs: number;
  readonly downIntervalMs: number;
  readonly rise: number;
  readonly fall: number;
}

/** A check of one real server. Checks with one key are one check, which runs once for all servers that have it. */
export interface CheckConfig {
  /** Of all that distinguishes one check from another: type, target, times, settings. */
  readonly key: string;
  /** A type of `checks/check-types.ts`. */
  readonly type: string;
  readonly rules: CheckRules;
  readonly target: CheckTarget;
  /** Values of the keys of its type in `state/file/check-fields.ts`, with defaults. */
  readonly settings: JsonRecord;
}

/** Whom a check asks. */
export interface CheckTarget {
  readonly address: IpAddress;
  readonly port: number;
  /** The address to ask from. */
  readonly source: IpAddress | undefined;
  readonly through: 'server' | 'path';
  /** With `through: path`, how to get there; known once the path has been prepared. */
  readonly path?: PathEndpoint | undefined;
  /** For the check in all, from looking up names to the last byte. */
  readonly timeoutMs: number;
  /** The service, for what a program gets to know and for the virtual address; the first one of those that share the check. */
  readonly service: ServiceId;
  readonly serviceName: string | undefined;
  readonly server: DestinationId;
}

/** Where a check connects to that asks a virtual address by way of one real server. */
export interface PathEndpoint {
  readonly address: IpAddress;
  /** The local port to connect from this time. */
  nextPort(): number;
}
