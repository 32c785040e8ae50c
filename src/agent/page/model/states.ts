import type { ServerState, ServiceState } from '../../health/health.js';
import type { ServerStatusJson, ServiceStatusJson } from '../../control/shapes.js';

/** How bad it is: what decides the colour. Shape and word say the same to those who do not see it. */
export type Tone = 'good' | 'planned' | 'warning' | 'bad';

export interface StateLook {
  readonly word: string;
  readonly tone: Tone;
}

export const SERVICE_LOOKS: Readonly<Record<ServiceState, StateLook>> = {
  down: { word: 'Down', tone: 'bad' },
  'fail-open': { word: 'Fail-open', tone: 'bad' },
  sorry: { word: 'Sorry server', tone: 'bad' },
  degraded: { word: 'Degraded', tone: 'warning' },
  ok: { word: 'OK', tone: 'good' },
};

export const SERVER_LOOKS: Readonly<Record<ServerState, StateLook>> = {
  down: { word: 'Down', tone: 'bad' },
  starting: { word: 'Starting', tone: 'planned' },
  maintenance: { word: 'Maintenance', tone: 'planned' },
  draining: { word: 'Draining', tone: 'planned' },
  up: { word: 'Up', tone: 'good' },
};

/** Worst first. */
export const SERVICE_STATES = Object.keys(SERVICE_LOOKS) as ServiceState[];
export const SERVER_STATES = Object.keys(SERVER_LOOKS) as ServerState[];

/** Whether somebody has asked for all that a service lacks: nothing is broken. */
export function isPlanned(service: ServiceStatusJson): boolean {
  return service.state === 'degraded' && service.servers.every(({ state }) => state !== 'down');
}

/** The look of a service: degraded by what an administrator has asked for is no warning. */
export function serviceLook(service: ServiceStatusJson): StateLook {
  const look = SERVICE_LOOKS[service.state];
  return isPlanned(service) ? { ...look, tone: 'planned' } : look;
}

/** What services are ordered by, worst first: 0 is down, then fail-open, sorry, degraded, degraded as planned, OK. */
export function severityOf(service: ServiceStatusJson): number {
  const rank = SERVICE_STATES.indexOf(service.state);
  return isPlanned(service) ? rank + 0.5 : rank;
}

export function countServers(
  servers: readonly ServerStatusJson[],
): Readonly<Record<ServerState, number>> {
  const counts = { down: 0, starting: 0, maintenance: 0, draining: 0, up: 0 };
  for (const { state } of servers) counts[state] += 1;
  return counts;
}

/** Those that need looking at first. */
export function serversWorstFirst(servers: readonly ServerStatusJson[]): ServerStatusJson[] {
  const rank = ({ state }: ServerStatusJson) => SERVER_STATES.indexOf(state);
  return [...servers].sort((a, b) => rank(a) - rank(b));
}
