import { isRecord } from '../../common/json.js';
import type { JsonRecord } from '../../common/json.js';
import { printable } from '../../common/printable.js';
import { parseSelector } from '../../state/selection.js';
import { HttpProblem } from './http.js';
import type { DrainRequest, MaintenanceRequest } from './shapes.js';

/** What the bodies of requests may be: each is checked here, once, and is a typed value from then on. */

const MOST_NAMES = 1000;
const LONGEST_REASON = 1000;
/** A week, as of `ipvs drain`. */
const LONGEST_DRAIN_SECONDS = 604_800;

const bad = (text: string): HttpProblem => new HttpProblem(400, text);

/** @throws HttpProblem */
export function drainRequest(body: unknown): DrainRequest {
  const record = recordOf(body, ['servers', 'services', 'timeoutSeconds', 'delete']);
  const { timeoutSeconds } = record;
  if (timeoutSeconds !== undefined && !isSeconds(timeoutSeconds)) {
    throw bad(`timeoutSeconds must be a number from 0 to ${LONGEST_DRAIN_SECONDS}`);
  }
  const deletes = record['delete'];
  if (deletes !== undefined && typeof deletes !== 'boolean') {
    throw bad('delete must be true or false');
  }
  return {
    ...targetsOf(record),
    ...(timeoutSeconds !== undefined && { timeoutSeconds }),
    ...(deletes !== undefined && { delete: deletes }),
  };
}

/** What ends a drain or maintenance. @throws HttpProblem */
export function targetsRequest(body: unknown): Pick<DrainRequest, 'servers' | 'services'> {
  return targetsOf(recordOf(body, ['servers', 'services']));
}

/** @throws HttpProblem */
export function maintenanceRequest(body: unknown): MaintenanceRequest {
  const record = recordOf(body, ['servers', 'services', 'reason']);
  const { reason } = record;
  if (reason !== undefined && (typeof reason !== 'string' || reason.length > LONGEST_REASON)) {
    throw bad(`reason must be a text of at most ${LONGEST_REASON} characters`);
  }
  // It is shown on terminals and in logs.
  return { ...targetsOf(record), ...(reason !== undefined && { reason: printable(reason) }) };
}

/** @throws HttpProblem when there is anything in it. */
export function emptyRequest(body: unknown): void {
  recordOf(body, []);
}

function recordOf(body: unknown, keys: readonly string[]): JsonRecord {
  if (!isRecord(body)) throw bad('the body must be a JSON object');
  const unknown = Object.keys(body).find((key) => !keys.includes(key));
  if (unknown === undefined) return body;
  const known = keys.length === 0 ? 'there are none' : `the keys are ${keys.join(', ')}`;
  throw bad(`unknown key ${JSON.stringify(unknown)}; ${known}`);
}

function targetsOf(record: JsonRecord): Pick<DrainRequest, 'servers' | 'services'> {
  const servers = namesIn(record, 'servers');
  if (servers === undefined || servers.length === 0) {
    throw bad('servers must be a list of real servers, for instance ["10.0.0.2:8080"]');
  }
  for (const server of servers) {
    if (kindOf(server) !== 'server') {
      throw bad(`${JSON.stringify(server)} is not a real server, for instance 10.0.0.2:8080`);
    }
  }
  const services = namesIn(record, 'services');
  for (const service of services ?? []) {
    const kind = kindOf(service);
    if (kind === undefined || kind === 'server') {
      throw bad(`${JSON.stringify(service)} is not a service, for instance tcp:192.0.2.1:80`);
    }
  }
  // No services at all would be a wish for nothing, which nobody has.
  if (services?.length === 0) throw bad('services must not be empty; leave it out for all');
  return { servers, ...(services !== undefined && { services }) };
}

function namesIn(record: JsonRecord, key: string): readonly string[] | undefined {
  const value = record[key];
  if (value === undefined) return undefined;
  if (!Array.isArray(value) || !value.every((one) => typeof one === 'string')) {
    throw bad(`${key} must be a list of texts`);
  }
  if (value.length > MOST_NAMES) throw bad(`${key} may have ${MOST_NAMES} entries at most`);
  return value;
}

function kindOf(text: string): 'service' | 'name' | 'server' | undefined {
  try {
    return parseSelector(text).kind;
  } catch {
    return undefined;
  }
}

function isSeconds(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= LONGEST_DRAIN_SECONDS;
}
