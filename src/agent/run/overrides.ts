import { numberOf, jsonObjectIn, recordsOf, textOf } from '../../common/json.js';
import type { JsonRecord } from '../../common/json.js';
import type { ServerOverride } from '../health/health.js';
import type { Target } from './targets.js';

/** A drain that somebody asked for. */
export interface Drain extends Target {
  readonly sinceWallMs: number;
  /** When to stop waiting for its connections, by the monotonic clock; undefined: never. */
  readonly untilMs: number | undefined;
  /** Whether it is taken out of the table once it is drained. */
  readonly deletes: boolean;
  /** `over`: its time is, and connections are left. Either way it stays as it is until the drain is taken back. */
  readonly outcome: 'waiting' | 'drained' | 'over';
}

export interface Maintenance extends Target {
  readonly sinceWallMs: number;
  readonly reason: string;
}

const NONE: ReadonlyMap<string, ServerOverride> = new Map();

/** What people want of servers, whatever their health is. Maintenance goes before a drain. */
export class Overrides {
  readonly #drains = new Map<string, Map<string, Drain>>();
  readonly #maintenance = new Map<string, Map<string, Maintenance>>();

  /** By {@link ServerConfig.key}, for a decision about a service. */
  for(service: string): ReadonlyMap<string, ServerOverride> {
    const drains = this.#drains.get(service);
    const maintenance = this.#maintenance.get(service);
    if (drains === undefined && maintenance === undefined) return NONE;
    const overrides = new Map<string, ServerOverride>();
    for (const [server, { sinceWallMs, deletes, outcome }] of drains ?? []) {
      const isOut = deletes && outcome === 'drained';
      const reason = isOut ? 'drained, and taken out on request' : 'drained on request';
      overrides.set(server, { kind: 'draining', sinceWallMs, reason });
    }
    for (const [server, { sinceWallMs, reason }] of maintenance ?? []) {
      overrides.set(server, { kind: 'maintenance', sinceWallMs, reason });
    }
    return overrides;
  }

  /** Whether a server was drained, and is to be out of the table until the drain is taken back. */
  isTakenOut(service: string, server: string): boolean {
    const drain = this.#drains.get(service)?.get(server);
    return drain?.deletes === true && drain.outcome === 'drained';
  }

  setDrain(drain: Drain): void {
    put(this.#drains, drain);
  }

  /** @returns whether there was one. */
  endDrain(target: Target): boolean {
    return drop(this.#drains, target);
  }

  setMaintenance(maintenance: Maintenance): void {
    put(this.#maintenance, maintenance);
  }

  /** @returns whether there was one. */
  endMaintenance(target: Target): boolean {
    return drop(this.#maintenance, target);
  }

  get drains(): readonly Drain[] {
    return all(this.#drains);
  }

  get maintenance(): readonly Maintenance[] {
    return all(this.#maintenance);
  }
}

function put<T extends Target>(map: Map<string, Map<string, T>>, one: T): void {
  const servers = map.get(one.service) ?? new Map<string, T>();
  map.set(one.service, servers.set(one.server, one));
}

function drop<T>(map: Map<string, Map<string, T>>, { service, server }: Target): boolean {
  const servers = map.get(service);
  const was = servers?.delete(server) === true;
  if (servers?.size === 0) map.delete(service);
  return was;
}

const all = <T>(map: ReadonlyMap<string, ReadonlyMap<string, T>>): T[] =>
  [...map.values()].flatMap((servers) => [...servers.values()]);

/** Drains in a saved file; what is damaged is left out. */
export function readDrains(value: unknown): Drain[] {
  return recordsOf(value).flatMap((record) => {
    const target = readTarget(record);
    const sinceWallMs = numberOf(record['sinceWallMs']);
    const { outcome } = record;
    if (target === undefined || sinceWallMs === undefined) return [];
    return {
      ...target,
      sinceWallMs,
      untilMs: numberOf(record['untilMs']),
      deletes: record['deletes'] === true,
      outcome: outcome === 'drained' || outcome === 'over' ? outcome : 'waiting',
    };
  });
}

/** The file of maintenance; undefined where the text is none. */
export function parseMaintenance(text: string): Maintenance[] | undefined {
  const value = jsonObjectIn(text);
  if (value?.['version'] !== 1) return undefined;
  return recordsOf(value['maintenance']).flatMap((record) => {
    const target = readTarget(record);
    const sinceWallMs = numberOf(record['sinceWallMs']);
    if (target === undefined || sinceWallMs === undefined) return [];
    return { ...target, sinceWallMs, reason: textOf(record['reason']) ?? '' };
  });
}

export function formatMaintenance(maintenance: readonly Maintenance[]): string {
  return `${JSON.stringify({ version: 1, maintenance }, undefined, 1)}\n`;
}

export function readTarget(record: JsonRecord): Target | undefined {
  const service = textOf(record['service']);
  const server = textOf(record['server']);
  return service === undefined || server === undefined ? undefined : { service, server };
}
