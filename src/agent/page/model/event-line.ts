import type { EventJson, ServiceStatusJson } from '../../control/shapes.js';
import { countText } from './numbers.js';
import type { EventGroup } from './event-groups.js';

/** An event, or several that say the same, as a line of the list of events. */
export interface EventLine {
  /** The service by its name; empty where it is about the agent. */
  readonly subject: string;
  /** The server, or how many. */
  readonly servers: string;
  readonly what: string;
  readonly reason: string;
}

const TYPES: Readonly<Record<EventJson['type'], string>> = {
  server: '',
  service: '',
  config: 'configuration',
  drift: 'drift',
  drain: 'drain',
  maintenance: 'maintenance',
  agent: 'agent',
};

export function eventLine(
  { events, last }: EventGroup,
  find: (service: string) => ServiceStatusJson | undefined,
): EventLine {
  const { type, service, from, to, reason } = last;
  const change = [from, to].filter((state) => state !== undefined).join(' → ');
  const servers = new Set(events.map(({ server }) => server));
  return {
    subject: service === undefined ? '' : (find(service)?.name ?? service),
    servers: servers.size > 1 ? `${countText(servers.size)} servers` : (last.server ?? ''),
    what: [TYPES[type], change].filter(Boolean).join(' '),
    reason: reason ?? '',
  };
}
