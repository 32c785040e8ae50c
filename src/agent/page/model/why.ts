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

/** What an up server's checks are and took: `http 12 ms`. */
export function checksText(servers: readonly ServerStatusJson[]): string {
  const slowest = new Map<string, number | undefined>();
  for (const { checks } of servers) {
    for (const { type, durationMs } of checks) {
      const before = slowest.get(type);
      slowest.set(type, Math.max(before ?? 0, durationMs ?? 0));
    }
  }
  return Array.from(slowest, ([type, ms]) => `${type} ${Math.round(ms ?? 0)} ms`).join(', ');
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
      return `The sorry server stands in: ${up} up, quorum ${quorum}`;
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
