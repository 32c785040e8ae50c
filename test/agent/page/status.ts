import type { ServerStatusJson, ServiceStatusJson } from '../../../src/agent/control/shapes.js';

const SINCE = '2026-11-29T12:00:00.000Z';

export function server(name: string, rest: Partial<ServerStatusJson> = {}): ServerStatusJson {
  const { state = 'up' } = rest;
  const weight = state === 'up' ? 3 : 0;
  const checks = [{ type: 'http', passing: state !== 'down', durationMs: 12 }];
  return { server: name, state, since: SINCE, wantedWeight: 3, weight, checks, ...rest };
}

export function service(
  name: string,
  servers: readonly ServerStatusJson[],
  rest: Partial<ServiceStatusJson> = {},
): ServiceStatusJson {
  const up = servers.filter(({ state }) => state === 'up').length;
  return {
    ...{ service: `tcp:192.0.2.1:${name.length}`, name, since: SINCE, up, quorum: 1 },
    state: up === servers.length ? 'ok' : up === 0 ? 'down' : 'degraded',
    quorumMet: up >= 1,
    servers,
    ...rest,
  };
}
