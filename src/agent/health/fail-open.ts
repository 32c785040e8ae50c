import type { ServiceConfig } from '../config/config.js';
import type { AssessedServer } from './assess-server.js';
import { shareOf } from './quorum.js';

const NONE: ReadonlySet<AssessedServer> = new Set();

/**
 * The servers that stay in although they are down: all of them when none is up, for a check is more likely wrong than all
 * servers dead; else as many as the share asks for, those that failed last.
 */
export function keptIn(
  { failOpen, sorryServer }: ServiceConfig,
  servers: readonly AssessedServer[],
): ReadonlySet<AssessedServer> {
  if (failOpen.kind === 'never' || sorryServer !== undefined) return NONE;
  const eligible = servers.filter(({ isSetAside }) => !isSetAside);
  const down = inState(eligible, 'down');
  if (down.length === 0) return NONE;
  const up = inState(eligible, 'up').length;
  // Of a server without a verdict it is not known yet whether it works.
  if (up === 0 && down.length === eligible.length) return new Set(down);
  if (failOpen.kind === 'none-up') return NONE;
  const missing = shareOf(failOpen.percent, eligible.length) - up;
  return missing <= 0 ? NONE : new Set(down.sort(byFailure).slice(0, missing));
}

function inState(
  servers: readonly AssessedServer[],
  state: AssessedServer['memory']['state'],
): AssessedServer[] {
  return servers.filter(({ memory }) => memory.state === state);
}

/** Those that failed last come first; among equals, those that are first in the file. */
function byFailure({ memory: one }: AssessedServer, { memory: other }: AssessedServer): number {
  return (other.failedAtMs ?? -Number.MAX_VALUE) - (one.failedAtMs ?? -Number.MAX_VALUE);
}
