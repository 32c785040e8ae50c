import type { ServiceConfig } from '../config/config.js';
import type { CheckHealth, ServiceDecision } from '../health/health.js';

/** What is known of the health of services. */
export interface KnownHealth {
  readonly configs: ReadonlyMap<string, Pick<ServiceConfig, 'servers'>>;
  readonly decisions: ReadonlyMap<string, Pick<ServiceDecision, 'servers'>>;
  readonly checks: ReadonlyMap<string, CheckHealth>;
}

/** Longer than servers that are down wait for their next check by default, and its timeout. */
const LONGEST_MS = 15_000;

/**
 * Whether a service that has its quorum again may be shown to others. After a failure of this machine's own, its servers come
 * back one after the other; clients that routers or another director send here meanwhile would go to the few that are first,
 * also those that have a connection to one that is just coming. So each server that is down must have failed once more since
 * the last one came up, and none may be without a verdict. That is waited for only so long: a server that comes and goes must not
 * keep the others from their clients.
 */
export class Readiness {
  /** Since when services wait. */
  readonly #since = new Map<string, number>();
  readonly #known: KnownHealth;
  readonly #nowMs: () => number;
  /** The servers that are up, and since when it is these. */
  readonly #waiting = new Map<string, { readonly up: string; readonly sinceMs: number }>();

  constructor(known: KnownHealth, nowMs: () => number) {
    this.#known = known;
    this.#nowMs = nowMs;
  }

  /** Called when a quorum is met, and after each decision and result from then on. */
  isReady(service: string): boolean {
    const now = this.#nowMs();
    const since = this.#since.get(service) ?? now;
    this.#since.set(service, since);
    return now - since >= LONGEST_MS || this.#isKnown(service);
  }

  /** Whether what is held of its servers is of now. */
  #isKnown(service: string): boolean {
    const servers = this.#known.decisions.get(service)?.servers ?? [];
    if (servers.some(({ state }) => state === 'starting')) return false;
    const down = new Set(servers.filter(({ state }) => state === 'down').map(({ key }) => key));
    if (down.size === 0) return true;
    const sinceMs = this.#sameSince(service, servers);
    const configs = this.#known.configs.get(service)?.servers ?? [];
    return configs
      .filter(({ key }) => down.has(key))
      .every(({ checks }) => checks.some(({ key }) => this.#hasFailedSince(key, sinceMs)));
  }

  /** The quorum is lost, or others have been shown that it is met. */
  forget(service: string): void {
    this.#waiting.delete(service);
    this.#since.delete(service);
  }

  #sameSince(service: string, servers: ServiceDecision['servers']): number {
    const up = servers
      .filter(({ state }) => state === 'up')
      .map(({ key }) => key)
      .join(' ');
    const before = this.#waiting.get(service);
    if (before?.up === up) return before.sinceMs;
    const sinceMs = this.#nowMs();
    this.#waiting.set(service, { up, sinceMs });
    return sinceMs;
  }

  #hasFailedSince(check: string, sinceMs: number): boolean {
    const health = this.#known.checks.get(check);
    if (health?.last === undefined || health.contrary > 0) return false;
    const { at, durationMs } = health.last;
    const isDown = health.verdict === 'failing' || health.request?.kind === 'down';
    // A check that had begun before may have failed by what is over now.
    return isDown && at.monotonicMs - durationMs >= sinceMs;
  }
}
