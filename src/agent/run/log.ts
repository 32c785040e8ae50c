import { printable } from '../../common/printable.js';
import type { EventJson } from '../control/shapes.js';

export type LogFormat = 'text' | 'json';

/**
 * An event as a line of the log, without its end: `2026-11-30T06:00:00Z server down web 10.0.0.2:8080: connection refused`,
 * or its object.
 * @param nameOf what the file calls a service.
 */
export function logLine(
  event: EventJson,
  format: LogFormat,
  nameOf: (service: string) => string | undefined,
): string {
  if (format === 'json') return JSON.stringify(event);
  const { type, time, severity, service, server, to, reason } = event;
  const where = [service === undefined ? undefined : (nameOf(service) ?? service), server];
  const words = [
    // To the second: journals have their own times.
    time.replace(/\.\d+Z$/, 'Z'),
    ...(severity === 'error' ? ['error'] : []),
    type,
    to,
    ...where,
  ].filter((word) => word !== undefined);
  return printable(reason === undefined ? words.join(' ') : `${words.join(' ')}: ${reason}`);
}
