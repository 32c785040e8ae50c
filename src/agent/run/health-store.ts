import type { AgentConfig, CheckConfig, ServiceConfig } from '../config/config.js';
import type { ObservedService } from '../health/adopt.js';
import { adoptChecks, adoptService } from '../health/adopt.js';
import { afterResult, delayAfter, isNews, newCheckHealth } from '../health/check-health.js';
import { decideService } from '../health/decide-service.js';
import { eventsOf } from '../health/events.js';
import type { NewEvent } from '../control/shapes.js';
import type {
  CheckHealth,
  CheckResult,
  Moment,
  ServerOverride,
  ServiceDecision,
  ServiceMemory,
} from '../health/health.js';
import { migrateHealth } from '../health/migrate.js';
import type { HealthMemory } from '../health/migrate.js';

/** What came of looking at a service again. */
export interface Verdict {
  readonly decision: ServiceDecision;
  readonly events: readonly NewEvent[];
  /** Whether the table is to be another one than after the decision before. */
  readonly isMoved: boolean;
}

/** What a result has led to. */
export interface Consequence {
  /** When the check is to be run again, in milliseconds. */
  readonly delayMs: number;
  /** The services to decide about: those that have a server with the check. None when it was no news. */
  readonly services: readonly string[];
}

/** What is held of the health of all services: results come in, decisions come out. */
export class HealthStore implements HealthMemory {
  readonly checks = new Map<string, CheckHealth>();
  readonly services = new Map<string, ServiceMemory>();
  readonly decisions = new Map<string, ServiceDecision>();
  readonly configs = new Map<string, ServiceConfig>();
  readonly #checkConfigs = new Map<string, CheckConfig>();
  /** The services that have a check. */
  readonly #users = new Map<string, string[]>();

  /** Begins with the table that is there, and with what is remembered. */
  adopt(
    { services }: AgentConfig,
    observed: ReadonlyMap<string, ObservedService>,
    remembered: HealthMemory | undefined,
    now: Moment,
  ): void {
    this.#use(services);
    const adoptions = services.map((config) => ({ config, observed: observed.get(config.key) }));
    const checks = adoptChecks(adoptions, remembered?.checks ?? new Map());
    for (const [key, health] of checks) this.checks.set(key, health);
    for (const { config, observed: found } of adoptions) {
      const known = remembered?.services.get(config.key);
      this.services.set(config.key, adoptService(config, found, known, now));
    }
  }

  /** Goes on with another configuration. */
  migrate({ services }: AgentConfig): void {
    const migrated = migrateHealth(this, services);
    this.#use(services);
    replace(this.checks, migrated.checks);
    replace(this.services, migrated.services);
    for (const key of this.decisions.keys()) {
      if (!this.configs.has(key)) this.decisions.delete(key);
    }
  }

  /** Whether each check has a verdict that comes of results. */
  get isSettled(): boolean {
    return [...this.#checkConfigs.keys()].every((key) => {
      const verdict = this.checks.get(key)?.verdict;
      return verdict === 'passing' || verdict === 'failing';
    });
  }

  onResult(key: string, result: CheckResult): Consequence {
    const config = this.#checkConfigs.get(key);
    if (config === undefined) return { delayMs: 0, services: [] };
    const before = this.checks.get(key) ?? newCheckHealth('unknown');
    const after = afterResult(before, config.rules, result);
    this.checks.set(key, after);
    return {
      delayMs: delayAfter(after, config.rules),
      services: isNews(before, after) ? this.usersOf(key) : [],
    };
  }

  /** The services that have a check. */
  usersOf(check: string): readonly string[] {
    return this.#users.get(check) ?? [];
  }

  /** Undefined: there is no such service. */
  decide(
    key: string,
    overrides: ReadonlyMap<string, ServerOverride>,
    now: Moment,
  ): Verdict | undefined {
    const config = this.configs.get(key);
    if (config === undefined) return undefined;
    const before = this.services.get(key);
    const last = this.decisions.get(key);
    const decision = decideService({ config, checks: this.checks, overrides, before, now });
    this.services.set(key, decision.memory);
    this.decisions.set(key, decision);
    const events = eventsOf(config, before, decision, now);
    return { decision, events, isMoved: last === undefined || !isSamePlace(last, decision) };
  }

  #use(services: readonly ServiceConfig[]): void {
    this.configs.clear();
    this.#checkConfigs.clear();
    this.#users.clear();
    for (const config of services) {
      this.configs.set(config.key, config);
      for (const check of config.servers.flatMap((server) => server.checks)) {
        this.#checkConfigs.set(check.key, this.#checkConfigs.get(check.key) ?? check);
        const users = this.#users.get(check.key);
        if (users === undefined) this.#users.set(check.key, [config.key]);
        else if (users.at(-1) !== config.key) users.push(config.key);
      }
    }
  }
}

function isSamePlace(one: ServiceDecision, other: ServiceDecision): boolean {
  return (
    one.isSorryIn === other.isSorryIn &&
    one.servers.length === other.servers.length &&
    one.servers.every(({ key, isInTable, weight }, index) => {
      const then = other.servers[index];
      return then?.key === key && then.isInTable === isInTable && then.weight === weight;
    })
  );
}

function replace<T>(map: Map<string, T>, by: ReadonlyMap<string, T>): void {
  map.clear();
  for (const [key, value] of by) map.set(key, value);
}
