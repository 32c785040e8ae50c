/** One service, played step by step: results, overrides and time go in, decisions come out. */
import type { CheckConfig, ServiceConfig } from '../../../src/agent/config/config.js';
import { afterResult, newCheckHealth } from '../../../src/agent/health/check-health.js';
import { decideService } from '../../../src/agent/health/decide-service.js';
import type {
  CheckHealth,
  CheckResult,
  ServerOverride,
  ServiceDecision,
  ServiceMemory,
} from '../../../src/agent/health/health.js';
import { at, failed, passed, serverKey, wallAt } from './fixtures.js';

export class Scene {
  config: ServiceConfig;
  memory: ServiceMemory | undefined;
  checks = new Map<string, CheckHealth>();
  readonly overrides = new Map<string, ServerOverride>();
  #seconds = 0;

  constructor(config: ServiceConfig, memory?: ServiceMemory) {
    this.config = config;
    this.memory = memory;
  }

  wait(seconds: number): this {
    this.#seconds += seconds;
    return this;
  }

  /** Successes of the checks of servers, as many as any verdict needs. */
  pass(...servers: readonly number[]): this {
    for (const index of servers) this.#repeat(index, passed(this.#seconds));
    return this;
  }

  /** Failures of the checks of servers, as many as any verdict needs. */
  fail(...servers: readonly number[]): this {
    for (const index of servers) this.#repeat(index, failed(this.#seconds));
    return this;
  }

  result(key: string, result: CheckResult): this {
    const check = this.#checksOf(this.config).find((one) => one.key === key);
    if (check === undefined) throw new Error(`no check ${key}`);
    const health = this.checks.get(key) ?? newCheckHealth('unknown');
    this.checks.set(key, afterResult(health, check.rules, result));
    return this;
  }

  override(index: number, kind: ServerOverride['kind'] | undefined, reason = 'new memory'): this {
    const key = serverKey(index);
    if (kind === undefined) this.overrides.delete(key);
    else this.overrides.set(key, { kind, reason, sinceWallMs: wallAt(this.#seconds) });
    return this;
  }

  decide(): ServiceDecision {
    const { config, checks, overrides, memory: before } = this;
    const decision = decideService({ config, checks, overrides, before, now: at(this.#seconds) });
    this.memory = decision.memory;
    return decision;
  }

  #repeat(index: number, result: CheckResult): void {
    const server = this.config.servers.find(({ key }) => key === serverKey(index));
    for (const { key } of server?.checks ?? []) {
      for (let time = 0; time < 5; time += 1) this.result(key, result);
    }
  }

  #checksOf({ servers }: ServiceConfig): readonly CheckConfig[] {
    return servers.flatMap(({ checks }) => checks);
  }
}

/** The servers of a decision in short: `up 3`, `down 0`, `down -` for one that is not in the table. */
export function summary({ servers }: ServiceDecision): string {
  return servers
    .map(({ state, isInTable, weight }) => `${state} ${isInTable ? weight : '-'}`)
    .join(', ');
}
