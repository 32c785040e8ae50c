import type { ProbeOutcome, ServerRequest } from '../checks/check-type.js';

/** A point in time. */
export interface Moment {
  /** CLOCK_MONOTONIC: what durations are counted with. */
  readonly monotonicMs: number;
  /** Since 1970: what people are shown. It may jump. */
  readonly wallMs: number;
}

/** What a check found out, when it was done, and how long it took. */
export interface CheckResult extends ProbeOutcome {
  readonly at: Moment;
  readonly durationMs: number;
}

/**
 * What is held of a server by one check. `unknown`: there is no verdict yet. `assumed`: its server was in the table when
 * the agent started, and counts as passing until results say otherwise.
 */
export type Verdict = 'unknown' | 'assumed' | 'passing' | 'failing';

/** A check, as far as its results have decided. */
export interface CheckHealth {
  readonly verdict: Verdict;
  /** Results in a row that contradict the verdict. */
  readonly contrary: number;
  readonly last: CheckResult | undefined;
  /** What the server asked for last. A check that fails before it could ask takes nothing back. */
  readonly request?: ServerRequest;
}

/** What health says of a server; see {@link ServerState} for what people see. */
export type ServerHealthState = 'starting' | 'up' | 'down';

/** What people see: a drain or maintenance goes before health. */
export type ServerState = ServerHealthState | 'draining' | 'maintenance';

export type ServiceState = 'ok' | 'degraded' | 'sorry' | 'fail-open' | 'down';

/** What somebody wants of a server, whatever its health is. */
export interface ServerOverride {
  readonly kind: 'draining' | 'maintenance';
  readonly sinceWallMs: number;
  readonly reason: string;
}

/** What is remembered of a server from one decision to the next. */
export interface ServerMemory {
  readonly state: ServerHealthState;
  /** Since when it has been in the state that people see. */
  readonly shown: ServerState;
  readonly sinceWallMs: number;
  readonly reason: string;
  /** When it went up after it was down, while its weight grows. Undefined: its weight is whole. */
  readonly rampFromMs: number | undefined;
  /** When it last went down, by the monotonic clock. */
  readonly failedAtMs: number | undefined;
}

/** What is remembered of a service from one decision to the next. */
export interface ServiceMemory {
  readonly state: ServiceState;
  readonly sinceWallMs: number;
  /** Whether too few were up, and not enough have come back since. */
  readonly isQuorumLost: boolean;
  /** By {@link ServerConfig.key}. */
  readonly servers: ReadonlyMap<string, ServerMemory>;
}

/** What becomes of one server of a service. */
export interface ServerDecision {
  /** {@link ServerConfig.key}. */
  readonly key: string;
  readonly state: ServerState;
  readonly sinceWallMs: number;
  readonly reason: string;
  /** Whether it is to be in the table at all. */
  readonly isInTable: boolean;
  readonly weight: number;
}

/** What becomes of a service. */
export interface ServiceDecision {
  readonly memory: ServiceMemory;
  readonly state: ServiceState;
  readonly servers: readonly ServerDecision[];
  readonly isSorryIn: boolean;
  readonly up: number;
  /** How many must be up. */
  readonly quorum: number;
  readonly isQuorumMet: boolean;
  /** When to decide again though there is no result: a weight grows. By the monotonic clock. */
  readonly againAtMs: number | undefined;
}
