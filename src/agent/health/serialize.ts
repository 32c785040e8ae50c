import { jsonObjectIn } from '../../common/json.js';
import type { JsonRecord } from '../../common/json.js';
import type { CheckHealth, Moment, ServiceMemory } from './health.js';
import type { HealthMemory } from './migrate.js';
import { LONGEST_REASON, readCheck, readKeyed, readMoment, readService } from './read-memory.js';

/** Health as it is kept in a file while the agent does not run. */
export interface SavedHealth extends HealthMemory {
  /** When it was written: whether it is too old is for the reader to say. */
  readonly at: Moment;
}

const VERSION = 1;
/** Characters; with 50,000 servers it is some tens of millions. */
const LONGEST_TEXT = 200_000_000;

/** Health as the text of a file. */
export function formatHealth({ at, services, checks }: SavedHealth): string {
  const kept = {
    version: VERSION,
    at,
    services: Array.from(services, ([key, memory]) => savedService(key, memory)),
    checks: Array.from(checks, ([key, check]) => savedCheck(key, check)),
  };
  return `${JSON.stringify(kept)}\n`;
}

function savedService(key: string, { servers, ...rest }: ServiceMemory): JsonRecord {
  const saved = Array.from(servers, ([server, memory]) => {
    return { key: server, ...memory, reason: cut(memory.reason) };
  });
  return { key, ...rest, servers: saved };
}

function savedCheck(key: string, check: CheckHealth): JsonRecord {
  const { last } = check;
  return { key, ...check, ...(last && { last: { ...last, reason: cut(last.reason) } }) };
}

function cut(reason: string): string {
  return reason.slice(0, LONGEST_REASON);
}

/** @returns undefined when the text is no such file: it is damaged, or of another version. */
export function parseHealth(text: string): SavedHealth | undefined {
  if (text.length > LONGEST_TEXT) return undefined;
  const read = jsonObjectIn(text);
  if (read?.['version'] !== VERSION) return undefined;
  const at = readMoment(read['at']);
  const services = readKeyed(read['services'], readService);
  const checks = readKeyed(read['checks'], readCheck);
  if (at === undefined || services === undefined || checks === undefined) return undefined;
  return { at, services, checks };
}
