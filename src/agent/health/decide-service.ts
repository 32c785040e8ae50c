import type { ServiceConfig } from '../config/config.js';
import { assessServer } from './assess-server.js';
import type { AssessedServer, ServiceFacts } from './assess-server.js';
import { keptIn } from './fail-open.js';
import type { Moment, ServerDecision, ServiceDecision, ServiceState } from './health.js';
import { isQuorumLost, quorumOf } from './quorum.js';
import { nextStepMs, rampedWeight } from './slow-start.js';

/** What decides about all servers of a service alike. */
interface Course {
  readonly config: ServiceConfig;
  readonly isSorryIn: boolean;
  readonly kept: ReadonlySet<AssessedServer>;
  readonly now: Moment;
}

/** What becomes of a service and its servers, by the health of these and by what was decided before. */
export function decideService(facts: ServiceFacts): ServiceDecision {
  const { config, before, now } = facts;
  const assessed = config.servers.map((server) => assessServer(server, facts));
  const up = assessed.filter(isUp).length;
  const isLost = isQuorumLost(config, up, before?.isQuorumLost ?? false);
  const isSorryIn = isLost && config.sorryServer !== undefined;
  const course: Course = { config, isSorryIn, kept: keptIn(config, assessed), now };
  const servers = assessed.map((server) => decideServer(server, course));
  const state = serviceState(course, assessed, servers, isLost);
  return {
    memory: {
      state,
      sinceWallMs: before?.state === state ? before.sinceWallMs : now.wallMs,
      isQuorumLost: isLost,
      servers: new Map(assessed.map((server) => [server.config.key, server.memory])),
    },
    state,
    servers,
    isSorryIn,
    up,
    quorum: quorumOf(config),
    isQuorumMet: !isLost,
    againAtMs: nextStep(assessed, course),
  };
}

function isUp({ memory, isSetAside }: AssessedServer): boolean {
  return memory.state === 'up' && !isSetAside;
}

function decideServer(server: AssessedServer, course: Course): ServerDecision {
  const { config, memory } = server;
  return {
    key: config.key,
    state: memory.shown,
    sinceWallMs: memory.sinceWallMs,
    reason: memory.reason,
    isInTable: isInTable(server, course),
    weight: course.isSorryIn ? 0 : weightOf(server, course),
  };
}

function isInTable(server: AssessedServer, { config, isSorryIn, kept }: Course): boolean {
  const { memory, isSetAside } = server;
  if (isSetAside || memory.state === 'up' || config.onFailure === 'quiet') return true;
  // While the sorry server is in, a server without a verdict stays where it is: with weight 0 it does no harm.
  return kept.has(server) || (isSorryIn && memory.state === 'starting');
}

const GREATEST_WEIGHT = 2 ** 31 - 1;

function weightOf(server: AssessedServer, { config, kept, now }: Course): number {
  const { weight } = server.config.settings;
  if (kept.has(server)) return weight;
  if (!isUp(server)) return 0;
  const asked = weight === 0 ? 0 : Math.max(1, Math.round((weight * server.percent) / 100));
  const whole = Math.min(asked, GREATEST_WEIGHT);
  const { rampFromMs } = server.memory;
  return rampFromMs === undefined
    ? whole
    : rampedWeight(whole, rampFromMs, config.slowStartMs, now);
}

function serviceState(
  { config, isSorryIn, kept }: Course,
  assessed: readonly AssessedServer[],
  servers: readonly ServerDecision[],
  isLost: boolean,
): ServiceState {
  const sorryWeight = isSorryIn ? (config.sorryServer?.settings.weight ?? 0) : 0;
  if (sorryWeight === 0 && servers.every(({ weight }) => weight === 0)) return 'down';
  if (isSorryIn) return 'sorry';
  if (kept.size > 0) return 'fail-open';
  if (isLost) return 'down';
  return assessed.every((server) => server.isSetAside || isUp(server)) ? 'ok' : 'degraded';
}

function nextStep(
  assessed: readonly AssessedServer[],
  { config, now }: Course,
): number | undefined {
  let soonest: number | undefined;
  for (const { memory } of assessed) {
    if (memory.rampFromMs === undefined) continue;
    const next = nextStepMs(memory.rampFromMs, config.slowStartMs, now);
    if (soonest === undefined || next < soonest) soonest = next;
  }
  return soonest;
}
