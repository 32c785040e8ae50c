import type { ServiceConfig } from '../config/config.js';
import type { EventJson, NewEvent } from '../control/shapes.js';
import type {
  Moment,
  ServerState,
  ServiceDecision,
  ServiceMemory,
  ServiceState,
} from './health.js';

type Severity = EventJson['severity'];

const severityOfServer: Readonly<Record<ServerState, Severity>> = {
  starting: 'info',
  up: 'info',
  down: 'warning',
  draining: 'info',
  maintenance: 'info',
};

const severityOfService: Readonly<Record<ServiceState, Severity>> = {
  ok: 'info',
  degraded: 'warning',
  sorry: 'warning',
  'fail-open': 'error',
  down: 'error',
};

/**
 * What has changed with a decision, servers first. What is new counts as `starting`, or `down`, before: that nothing is known
 * of it yet is no event.
 */
export function eventsOf(
  config: ServiceConfig,
  before: ServiceMemory | undefined,
  after: ServiceDecision,
  { wallMs }: Moment,
): NewEvent[] {
  const place = { time: new Date(wallMs).toISOString(), service: config.key };
  const events: NewEvent[] = [];
  for (const { key: server, state: to, reason } of after.servers) {
    const from = before?.servers.get(server)?.shown ?? 'starting';
    if (from === to) continue;
    const severity = severityOfServer[to];
    events.push({ type: 'server', severity, ...place, server, from, to, reason });
  }
  const from = before?.state ?? 'down';
  const to = after.state;
  if (from !== to) {
    const severity = severityOfService[to];
    events.push({ type: 'service', severity, ...place, from, to, reason: summaryOf(after) });
  }
  return events;
}

/** Why a service is in its state: `1 of 4 servers up, quorum 2; the sorry server gets all new connections`. */
export function summaryOf({ state, servers, up, quorum, isQuorumMet }: ServiceDecision): string {
  const isLate = !isQuorumMet && up >= quorum;
  const count = `${up} of ${servers.length} servers up, quorum ${quorum}`;
  const facts = isLate ? `${count}, hysteresis not reached yet` : count;
  if (state === 'sorry') return `${facts}; the sorry server gets all new connections`;
  if (state === 'fail-open') {
    const kept = servers.filter((server) => server.state === 'down' && server.weight > 0).length;
    return `${facts}; ${kept} that ${kept === 1 ? 'fails its' : 'fail their'} checks stay in`;
  }
  const isServing = servers.some(({ weight }) => weight > 0);
  return state === 'down' && !isServing ? `${facts}; none takes connections` : facts;
}
