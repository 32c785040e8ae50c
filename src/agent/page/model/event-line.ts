import type { EventJson, ServiceStatusJson } from '../../control/shapes.js';

/** An event as a line of the list of events. */
export interface EventLine {
  /** The service by its name, the server; empty where it is about the agent. */
  readonly subject: string;
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
  { type, service, server, from, to, reason }: EventJson,
  find: (service: string) => ServiceStatusJson | undefined,
): EventLine {
  const name = service === undefined ? undefined : (find(service)?.name ?? service);
  const change = [from, to].filter((state) => state !== undefined).join(' → ');
  return {
    subject: [name, server].filter((part) => part !== undefined).join(' · '),
    what: [TYPES[type], change].filter(Boolean).join(' '),
    reason: reason ?? '',
  };
}

/** 12:00:03 in the time zone of who reads it; the day too where it is another one. */
export function clockText(time: string, now: number): string {
  const date = new Date(time);
  const clock = date.toLocaleTimeString('en-GB');
  return date.toDateString() === new Date(now).toDateString()
    ? clock
    : `${date.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' })}, ${clock}`;
}
