import { Histogram } from '../../state/metrics/histogram.js';
import type { EventJson } from '../control/shapes.js';
import type { CheckResult } from '../health/health.js';

/** Upper ends of the buckets that durations of checks are counted in, in seconds. */
const BOUNDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
/** Reasons may hold what a server says: of one check, further ones are counted together. */
const MOST_REASONS = 10;
const OTHER = 'other';

const NONE: ReadonlyMap<string, number> = new Map();

/** What checks and servers have done since the agent started, counted for metrics. */
export class CheckCounts {
  readonly #durations = new Map<string, Histogram>();
  readonly #failures = new Map<string, Map<string, number>>();
  /** By state, service and server: a map for each server, or a key of both names, would be megabytes. */
  readonly #transitions = new Map<string, Map<string, Map<string, number>>>();

  /** @param services that have the check. */
  onResult(
    check: string,
    services: readonly string[],
    { passing, reason, durationMs }: CheckResult,
  ): void {
    for (const service of services) {
      const known = this.#durations.get(service);
      const histogram = known ?? new Histogram(BOUNDS);
      if (known === undefined) this.#durations.set(service, histogram);
      histogram.add(durationMs / 1000);
    }
    if (!passing) this.#countFailure(check, shortened(reason));
  }

  onEvent({ type, service, server, to }: EventJson): void {
    if (type !== 'server' || service === undefined || server === undefined || to === undefined) {
      return;
    }
    count(within(this.#transitions, to), service, server);
  }

  durationsOf(service: string): Histogram | undefined {
    return this.#durations.get(service);
  }

  /** How often a check has failed, by reason. */
  failuresOf(check: string): ReadonlyMap<string, number> {
    return this.#failures.get(check) ?? NONE;
  }

  /** How often a server has gone to each state. */
  transitionsOf(service: string, server: string): ReadonlyMap<string, number> {
    const counts = Array.from(this.#transitions, ([to, services]) => {
      return [to, services.get(service)?.get(server) ?? 0] as const;
    });
    return new Map(counts.filter(([, times]) => times > 0));
  }

  /** Forgets what is no longer in the configuration. */
  keep(services: ReadonlySet<string>, checks: ReadonlySet<string>): void {
    for (const key of this.#durations.keys()) if (!services.has(key)) this.#durations.delete(key);
    for (const key of this.#failures.keys()) if (!checks.has(key)) this.#failures.delete(key);
    for (const known of this.#transitions.values()) {
      for (const key of known.keys()) if (!services.has(key)) known.delete(key);
    }
  }

  #countFailure(check: string, reason: string): void {
    const known = this.#failures.get(check);
    const isNew = known?.has(reason) !== true;
    count(this.#failures, check, isNew && (known?.size ?? 0) >= MOST_REASONS ? OTHER : reason);
  }
}

function within<Inner>(outer: Map<string, Map<string, Inner>>, key: string): Map<string, Inner> {
  const known = outer.get(key);
  const inner = known ?? new Map<string, Inner>();
  if (known === undefined) outer.set(key, inner);
  return inner;
}

function count(counts: Map<string, Map<string, number>>, key: string, what: string): void {
  const own = within(counts, key);
  own.set(what, (own.get(what) ?? 0) + 1);
}

/** A reason without what it quotes, which is often what the server has sent. */
function shortened(reason: string): string {
  return reason.replaceAll(/"(?:[^"\\]|\\.)*"(?:\.\.\.)?/g, '"..."');
}
