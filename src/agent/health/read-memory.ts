import { isRecord } from '../../common/json.js';
import type { JsonRecord } from '../../common/json.js';
import type { ServerRequest } from '../checks/check-type.js';
import type { CheckHealth, CheckResult, Moment, ServerMemory, ServiceMemory } from './health.js';

/** Reads what is remembered of health from JSON. Each gives undefined for anything that was not written as such. */

/** Characters of a reason that are kept. */
export const LONGEST_REASON = 1000;

const healthStates = ['starting', 'up', 'down'] as const;
const serverStates = [...healthStates, 'draining', 'maintenance'] as const;
const serviceStates = ['ok', 'degraded', 'sorry', 'fail-open', 'down'] as const;
const verdicts = ['unknown', 'assumed', 'passing', 'failing'] as const;

/** Values by key; each item says its own, and none twice. */
export function readKeyed<T>(
  value: unknown,
  read: (item: JsonRecord) => T | undefined,
): Map<string, T> | undefined {
  if (!Array.isArray(value)) return undefined;
  const found = new Map<string, T>();
  for (const item of value as readonly unknown[]) {
    if (!isRecord(item)) return undefined;
    const { key } = item;
    const one = read(item);
    if (typeof key !== 'string' || one === undefined || found.has(key)) return undefined;
    found.set(key, one);
  }
  return found;
}

export function readService(item: JsonRecord): ServiceMemory | undefined {
  const state = wordOf(item['state'], serviceStates);
  const sinceWallMs = boundedOf(item['sinceWallMs']);
  const { isQuorumLost } = item;
  const servers = readKeyed(item['servers'], readServer);
  if (state === undefined || sinceWallMs === undefined || servers === undefined) return undefined;
  if (typeof isQuorumLost !== 'boolean') return undefined;
  return { state, sinceWallMs, isQuorumLost, servers };
}

function readServer(item: JsonRecord): ServerMemory | undefined {
  const state = wordOf(item['state'], healthStates);
  const shown = wordOf(item['shown'], serverStates);
  const sinceWallMs = boundedOf(item['sinceWallMs']);
  const reason = reasonOf(item['reason']);
  if (state === undefined || shown === undefined) return undefined;
  if (sinceWallMs === undefined || reason === undefined) return undefined;
  const rampFromMs = boundedOf(item['rampFromMs']);
  const failedAtMs = boundedOf(item['failedAtMs']);
  if (rampFromMs === undefined && item['rampFromMs'] !== undefined) return undefined;
  if (failedAtMs === undefined && item['failedAtMs'] !== undefined) return undefined;
  return { state, shown, sinceWallMs, reason, rampFromMs, failedAtMs };
}

export function readCheck(item: JsonRecord): CheckHealth | undefined {
  const verdict = wordOf(item['verdict'], verdicts);
  const { contrary } = item;
  if (verdict === undefined || !isCount(contrary)) return undefined;
  const last = readResult(item['last']);
  if (last === undefined && item['last'] !== undefined) return undefined;
  const request = readRequest(item['request']);
  if (request === undefined && item['request'] !== undefined) return undefined;
  return { verdict, contrary, last, ...(request !== undefined && { request }) };
}

function readResult(value: unknown): CheckResult | undefined {
  if (!isRecord(value)) return undefined;
  const { passing } = value;
  const reason = reasonOf(value['reason']);
  const at = readMoment(value['at']);
  const durationMs = boundedOf(value['durationMs']);
  if (typeof passing !== 'boolean' || reason === undefined) return undefined;
  if (at === undefined || durationMs === undefined) return undefined;
  const request = readRequest(value['request']);
  if (request === undefined && value['request'] !== undefined) return undefined;
  return { passing, reason, at, durationMs, ...(request !== undefined && { request }) };
}

function readRequest(value: unknown): ServerRequest | undefined {
  if (!isRecord(value)) return undefined;
  const kind = wordOf(value['kind'], ['ready', 'drain', 'down', 'share'] as const);
  if (kind === undefined) return undefined;
  if (kind !== 'share') return { kind };
  const percent = boundedOf(value['percent']);
  return percent === undefined || percent < 0 ? undefined : { kind, percent };
}

export function readMoment(value: unknown): Moment | undefined {
  if (!isRecord(value)) return undefined;
  const monotonicMs = boundedOf(value['monotonicMs']);
  const wallMs = boundedOf(value['wallMs']);
  if (monotonicMs === undefined || wallMs === undefined) return undefined;
  return { monotonicMs, wallMs };
}

function wordOf<W extends string>(value: unknown, words: readonly W[]): W | undefined {
  return words.find((word) => word === value);
}

/** In milliseconds, the greatest time that a date can have; no other number that is read is greater. */
const GREATEST = 8.64e15;

function boundedOf(value: unknown): number | undefined {
  if (typeof value !== 'number') return undefined;
  return Math.abs(value) <= GREATEST ? value : undefined;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0;
}

function reasonOf(value: unknown): string | undefined {
  return typeof value === 'string' && value.length <= LONGEST_REASON ? value : undefined;
}
