import { resolveService } from '../../state/selection.js';
import type { ServiceSelector } from '../../state/selection.js';
import type { CheckHealth, ServiceDecision } from '../health/health.js';
import type { ServerConfig, ServiceConfig } from '../config/config.js';
import type { CheckStatusJson, ServerStatusJson, ServiceStatusJson } from '../control/shapes.js';
import type { HealthStore } from './health-store.js';
import type { Leaving } from './leaving.js';

export const isoTime = (wallMs: number): string => new Date(wallMs).toISOString();

/** What is known of a service, as the socket tells it. */
export function serviceStatus(
  config: ServiceConfig,
  store: HealthStore,
  leaving: Leaving,
): ServiceStatusJson | undefined {
  const decision = store.decisions.get(config.key);
  if (decision === undefined) return undefined;
  const { state, up, quorum, isQuorumMet, memory } = decision;
  const places = new Map(decision.servers.map((server) => [server.key, server]));
  const servers = config.servers.flatMap((server) => {
    const place = places.get(server.key);
    return place === undefined ? [] : [serverStatus(server, place, store.checks)];
  });
  const leavers = [...leaving.serversOf(config.key).values()].map(
    ({ server, sinceWallMs }): ServerStatusJson => ({
      ...{ server, state: 'draining', since: isoTime(sinceWallMs) },
      ...{ reason: 'it has left the file', wantedWeight: 0, weight: 0, checks: [] },
    }),
  );
  return {
    service: config.key,
    ...(config.name !== undefined && { name: config.name }),
    ...{ state, since: isoTime(memory.sinceWallMs), up, quorum, quorumMet: isQuorumMet },
    servers: [...servers, ...leavers],
  };
}

/** The configuration of a service that a selector names. */
export function configNamed(
  selector: ServiceSelector,
  configs: readonly ServiceConfig[],
): ServiceConfig | undefined {
  const table = configs.map((config) => {
    return { id: config.id, name: config.name, destinations: [], config };
  });
  return resolveService(table, selector)?.config;
}

function serverStatus(
  { key, settings, checks }: ServerConfig,
  { state, sinceWallMs, reason, weight, isInTable }: ServiceDecision['servers'][number],
  health: ReadonlyMap<string, CheckHealth>,
): ServerStatusJson {
  return {
    ...{ server: key, state, since: isoTime(sinceWallMs), reason },
    wantedWeight: settings.weight,
    weight: isInTable ? weight : 0,
    checks: checks.map((check) => checkStatus(check.type, health.get(check.key))),
  };
}

function checkStatus(type: string, health: CheckHealth | undefined): CheckStatusJson {
  const passing = health?.verdict === 'passing' || health?.verdict === 'assumed';
  const last = health?.last;
  if (last === undefined) return { type, passing };
  const { reason, at, durationMs } = last;
  return {
    ...{ type, passing, reason, at: isoTime(at.wallMs) },
    durationMs: Math.round(durationMs * 10) / 10,
  };
}
