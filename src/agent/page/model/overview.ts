import type { ServerState, ServiceState } from '../../health/health.js';
import type { ServiceStatusJson } from '../../control/shapes.js';
import { countText, plural } from './numbers.js';
import { isPlanned } from './states.js';
import type { Tone } from './states.js';

/** All services at a glance. */
export interface Overview {
  readonly services: number;
  readonly byState: Readonly<Record<ServiceState, number>>;
  /** How many services have something that fails. */
  readonly wrong: number;
  /** How many of the degraded have no server that fails. */
  readonly planned: number;
  readonly servers: Readonly<Record<ServerState, number>>;
  readonly tone: Tone;
  /** `2 of 124 services are in trouble` */
  readonly verdict: string;
}

export function overviewOf(services: Iterable<ServiceStatusJson>): Overview {
  const byState = { down: 0, 'fail-open': 0, sorry: 0, degraded: 0, ok: 0 };
  const servers = { down: 0, starting: 0, maintenance: 0, draining: 0, up: 0 };
  let count = 0;
  let planned = 0;
  for (const service of services) {
    count += 1;
    byState[service.state] += 1;
    if (isPlanned(service)) planned += 1;
    for (const { state } of service.servers) servers[state] += 1;
  }
  const wrong = count - byState.ok - planned;
  const broken = byState.down + byState['fail-open'] + byState.sorry;
  return {
    services: count,
    byState,
    wrong,
    planned,
    servers,
    tone: broken > 0 ? 'bad' : wrong > 0 ? 'warning' : planned > 0 ? 'planned' : 'good',
    verdict: verdictOf(count, wrong, planned),
  };
}

function verdictOf(count: number, wrong: number, planned: number): string {
  if (count === 0) return 'There are no services';
  if (wrong > 0) {
    const all = plural(count, 'service');
    return count === wrong
      ? `${count === 1 ? 'The only service is' : `All ${all} are`} in trouble`
      : `${countText(wrong)} of ${all} ${wrong === 1 ? 'is' : 'are'} in trouble`;
  }
  if (planned > 0)
    return `Nothing fails; ${plural(planned, 'service has', 'services have')} servers out`;
  return count === 1 ? 'The only service is well' : `All ${plural(count, 'service')} are well`;
}
