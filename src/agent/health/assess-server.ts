import type { ServerConfig, ServiceConfig } from '../config/config.js';
import { newCheckHealth } from './check-health.js';
import type {
  CheckHealth,
  Moment,
  ServerMemory,
  ServerOverride,
  ServerState,
  ServiceMemory,
} from './health.js';
import { reasonFor } from './reasons.js';
import { askedPercent, healthState } from './server-health.js';
import { rampAfter } from './slow-start.js';

/** All that a decision about a service depends on. */
export interface ServiceFacts {
  readonly config: ServiceConfig;
  /** By {@link CheckConfig.key}. */
  readonly checks: ReadonlyMap<string, CheckHealth>;
  /** By {@link ServerConfig.key}. */
  readonly overrides: ReadonlyMap<string, ServerOverride>;
  /** Undefined: the service is new. */
  readonly before: ServiceMemory | undefined;
  readonly now: Moment;
}

/** A server by itself, whatever becomes of the others. */
export interface AssessedServer {
  readonly config: ServerConfig;
  readonly memory: ServerMemory;
  /** Somebody, or the server itself, wants it to have no new clients: it counts neither as up nor as missing. */
  readonly isSetAside: boolean;
  /** Share of its weight that it asks for. */
  readonly percent: number;
}

const unchecked = newCheckHealth('unknown');

export function assessServer(config: ServerConfig, facts: ServiceFacts): AssessedServer {
  const before = facts.before?.servers.get(config.key);
  const override = facts.overrides.get(config.key);
  const checks = config.checks.map(({ key }) => facts.checks.get(key) ?? unchecked);
  const state = healthState(checks, before?.state, facts.config.initial);
  const percent = askedPercent(checks);
  const ownState = state === 'up' && percent === 0 ? 'draining' : state;
  const { monotonicMs } = facts.now;
  const hasFailed = state === 'down' && before?.state !== 'down';
  const memory: ServerMemory = {
    state,
    ...(override === undefined
      ? shownByHealth(ownState, reasonFor(ownState, checks, before), before, facts.now)
      : { shown: override.kind, sinceWallMs: override.sinceWallMs, reason: override.reason }),
    rampFromMs: rampAfter(before, state, facts.config.slowStartMs, facts.now),
    failedAtMs: hasFailed ? monotonicMs : before?.failedAtMs,
  };
  return { config, memory, percent, isSetAside: memory.shown !== state };
}

function shownByHealth(
  shown: ServerState,
  reason: string,
  before: ServerMemory | undefined,
  { wallMs }: Moment,
): Pick<ServerMemory, 'shown' | 'sinceWallMs' | 'reason'> {
  return { shown, reason, sinceWallMs: before?.shown === shown ? before.sinceWallMs : wallMs };
}
