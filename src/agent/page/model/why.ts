import type { ServerStatusJson, ServiceStatusJson } from '../../control/shapes.js';
import { countServers, SERVER_LOOKS, SERVER_STATES } from './states.js';

/** Why a service is as it is: what that means for clients, and what it comes from. */
export interface Why {
  readonly effect: string;
  /** The most frequent first. */
  readonly causes: readonly string[];
}

/** Of a server that is up: nothing, or what its checks took. */
export function serverWhy(server: ServerStatusJson): string {
  if (server.reason !== undefined) return server.reason;
  const failing = server.checks.find(({ passing, reason }) => !passing && reason !== undefined);
  return failing?.reason ?? '';
}

export function serviceWhy(service: ServiceStatusJson): Why {
  return { effect: effectOf(service), causes: causesOf(service.servers) };
}

/** What checks there are, and what the slowest of the last ones took: `http, tcp, slowest 12 ms`. */
export function checksText(servers: readonly ServerStatusJson[]): string {
  const types = new Set<string>();
  let slowestMs: number | undefined;
  let count = 0;
  for (const { checks } of servers) {
    for (const { type, durationMs } of checks) {
      types.add(type);
      if (durationMs === undefined) continue;
      count += 1;
      slowestMs = Math.max(slowestMs ?? 0, durationMs);
    }
  }
  const names = [...types].join(', ');
  if (slowestMs === undefined) return names;
  const took = `${Math.round(slowestMs)} ms`;
  return count === 1 ? `${names} ${took}` : `${names}, slowest ${took}`;
}

function effectOf({ state, servers, up, quorum }: ServiceStatusJson): string {
  const all = servers.length;
  switch (state) {
    case 'ok':
      return '';
    case 'down':
      return all === 0 ? 'It has no servers' : 'No server takes clients';
    case 'fail-open':
      return up === 0
        ? `All ${all} servers fail, and are in all the same`
        : 'Failing servers are in';
    case 'sorry':
      return `${up} of ${all} up, quorum ${quorum}`;
    case 'degraded':
      return `${partsText(servers)} of ${all}`;
  }
}

/** `1 down, 2 draining` */
function partsText(servers: readonly ServerStatusJson[]): string {
  const counts = countServers(servers);
  return SERVER_STATES.filter((state) => state !== 'up' && counts[state] > 0)
    .map((state) => `${counts[state]} ${SERVER_LOOKS[state].word.toLowerCase()}`)
    .join(', ');
}

function causesOf(servers: readonly ServerStatusJson[]): string[] {
  const byReason = new Map<string, ServerStatusJson[]>();
  for (const server of servers) {
    if (server.state === 'up') continue;
    const reason = serverWhy(server) || SERVER_LOOKS[server.state].word.toLowerCase();
    // What fails comes before what is planned.
    const key = `${server.state === 'down' ? 0 : 1}${reason}`;
    byReason.set(key, [...(byReason.get(key) ?? []), server]);
  }
  return [...byReason]
    .sort(
      ([a, some], [b, others]) => a.charCodeAt(0) - b.charCodeAt(0) || others.length - some.length,
    )
    .map(([key, same]) => {
      const [first] = same;
      const who = same.length === 1 && first ? first.server : `${same.length} servers`;
      return `${who}: ${key.slice(1)}`;
    });
}
