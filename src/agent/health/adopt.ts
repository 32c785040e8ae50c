import type { ServerConfig, ServiceConfig } from '../config/config.js';
import { newCheckHealth } from './check-health.js';
import type {
  CheckHealth,
  Moment,
  ServerHealthState,
  ServerMemory,
  ServiceMemory,
  ServiceState,
} from './health.js';

/** A service as the kernel has it when the agent starts. */
export interface ObservedService {
  /** The weights of its servers, by {@link ServerConfig.key}. */
  readonly servers: ReadonlyMap<string, number>;
}

/** A service that the agent takes over, and what was observed of it. */
export interface Adoption {
  readonly config: ServiceConfig;
  /** Undefined: the kernel does not have it. */
  readonly observed: ObservedService | undefined;
}

/**
 * What to hold of a service when the agent starts: what is remembered, and else what the table says. What is right in the
 * table stays for as long as no verdict speaks against it.
 */
export function adoptService(
  config: ServiceConfig,
  observed: ObservedService | undefined,
  remembered: ServiceMemory | undefined,
  now: Moment,
): ServiceMemory {
  const servers = new Map(
    config.servers.map((server): [string, ServerMemory] => {
      const known = remembered?.servers.get(server.key);
      return [server.key, adoptServer(server, config, observed, known, now)];
    }),
  );
  const isSorryIn = isSorryObserved(config, observed);
  return {
    state: remembered?.state ?? adoptedState([...servers.values()], isSorryIn),
    sinceWallMs: remembered?.sinceWallMs ?? now.wallMs,
    isQuorumLost: isSorryIn || (remembered?.isQuorumLost ?? false),
    servers,
  };
}

/**
 * What to hold of the checks of all services when the agent starts. A check of which nothing is remembered is assumed to
 * pass where a server that has it gets connections.
 */
export function adoptChecks(
  adoptions: Iterable<Adoption>,
  remembered: ReadonlyMap<string, CheckHealth>,
): Map<string, CheckHealth> {
  const checks = new Map<string, CheckHealth>();
  for (const { config, observed } of adoptions) {
    for (const server of config.servers) {
      for (const { key } of server.checks) {
        const known = remembered.get(key);
        if (known !== undefined) checks.set(key, known);
        else if (isRightIn(server, observed)) checks.set(key, newCheckHealth('assumed'));
        else if (!checks.has(key)) checks.set(key, newCheckHealth('unknown'));
      }
    }
  }
  return checks;
}

/** Whether a server is in the table as it is wanted while it is healthy. */
function isRightIn(
  { key, settings }: ServerConfig,
  observed: ObservedService | undefined,
): boolean {
  const weight = observed?.servers.get(key);
  return weight !== undefined && (weight > 0 || settings.weight === 0);
}

function adoptServer(
  server: ServerConfig,
  { initial }: ServiceConfig,
  observed: ObservedService | undefined,
  remembered: ServerMemory | undefined,
  now: Moment,
): ServerMemory {
  const getsClients = (observed?.servers.get(server.key) ?? 0) > 0;
  if (remembered !== undefined && !(getsClients && remembered.state === 'starting')) {
    return withoutFuture(remembered, now);
  }
  const isIn = isRightIn(server, observed);
  const isNew = initial === 'up' && observed?.servers.has(server.key) !== true;
  const state: ServerHealthState = isIn || isNew ? 'up' : 'starting';
  return {
    state,
    shown: state,
    sinceWallMs: now.wallMs,
    reason: isIn ? 'it was in the table when the agent started' : 'no check has passed yet',
    rampFromMs: undefined,
    failedAtMs: undefined,
  };
}

/** Times of another boot may lie ahead of the monotonic clock: a weight would not grow for as long. */
function withoutFuture(memory: ServerMemory, { monotonicMs }: Moment): ServerMemory {
  const { rampFromMs, failedAtMs } = memory;
  const isPast = (timeMs: number | undefined) => timeMs === undefined || timeMs <= monotonicMs;
  if (isPast(rampFromMs) && isPast(failedAtMs)) return memory;
  return {
    ...memory,
    rampFromMs: isPast(rampFromMs) ? rampFromMs : undefined,
    failedAtMs: isPast(failedAtMs) ? failedAtMs : undefined,
  };
}

/** Whether the sorry server has taken over: it gets connections, and the others do not. */
function isSorryObserved(
  { sorryServer, servers }: ServiceConfig,
  observed: ObservedService | undefined,
): boolean {
  if (sorryServer === undefined || observed === undefined) return false;
  const hasWeight = (key: string) => (observed.servers.get(key) ?? 0) > 0;
  return hasWeight(sorryServer.key) && !servers.some(({ key }) => hasWeight(key));
}

/** As which it counts before the first decision, so that this one tells only of what has changed. */
function adoptedState(servers: readonly ServerMemory[], isSorryIn: boolean): ServiceState {
  if (isSorryIn) return 'sorry';
  const up = servers.filter(({ state }) => state === 'up').length;
  if (up === 0) return 'down';
  return up === servers.length ? 'ok' : 'degraded';
}
