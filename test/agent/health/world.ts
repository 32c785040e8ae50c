/** The rules and the model side by side: both live through the same, and after each step they must agree. */
import { expect } from 'vitest';
import { adoptChecks, adoptService } from '../../../src/agent/health/adopt.js';
import { afterResult, newCheckHealth } from '../../../src/agent/health/check-health.js';
import { decideService } from '../../../src/agent/health/decide-service.js';
import type {
  CheckHealth,
  CheckResult,
  Moment,
  ServerOverride,
  ServiceDecision,
  ServiceMemory,
} from '../../../src/agent/health/health.js';
import { migrateHealth } from '../../../src/agent/health/migrate.js';
import { formatHealth, parseHealth } from '../../../src/agent/health/serialize.js';
import type { CheckConfig, ServiceConfig } from '../../../src/agent/config/config.js';
import { serverKey } from './fixtures.js';
import type { History, Step } from './histories.js';
import { HealthModel } from './model.js';
import type { ModelDecision } from './model.js';

const noOverrides: ReadonlyMap<string, ServerOverride> = new Map();

/** What the histories must come to, or they would compare too little. */
export const situations = [
  'service ok',
  'service degraded',
  'service sorry',
  'service fail-open',
  'service down',
  'server starting',
  'server up',
  'server down',
  'server draining',
  'server maintenance',
  'a server out of the table',
  'a weight that grows',
  'a share kept in beside a server that is up',
  'a server that is up while the sorry server is in',
  'a quorum that waits for hysteresis',
  'a start with nothing remembered and the sorry server in',
] as const;

export class World {
  readonly seen = new Set<string>();
  readonly #files: History['files'];
  #configs: readonly ServiceConfig[];
  readonly #model = new HealthModel();
  #checks: ReadonlyMap<string, CheckHealth> = new Map();
  #memories = new Map<string, ServiceMemory>();
  /** By service, then server. */
  readonly #overrides = new Map<string, Map<string, ServerOverride>>();
  /** Weights as the kernel would have them after the last decisions. */
  #tables = new Map<string, Map<string, number>>();
  #now: Moment = { monotonicMs: 5_000_000, wallMs: Date.UTC(2026, 0, 1) };
  #results = 0;

  constructor(files: History['files']) {
    this.#files = files;
    this.#configs = files[0] ?? [];
    this.#start(false);
    this.#decide();
  }

  /** Lives through a step, and compares. */
  live(step: Step): void {
    if (step.type === 'result') this.#result(`check ${step.check}`, step);
    if (step.type === 'all') this.#allResults(step.passing, step.times);
    if (step.type === 'wait') this.#pass(step.ms, step.ms);
    if (step.type === 'setClock') this.#pass(0, step.ms);
    if (step.type === 'override') this.#override(step);
    if (step.type === 'reload') this.#reload(step.file);
    if (step.type === 'restart') this.#start(step.remembers);
    this.#decide();
  }

  #pass(monotonicMs: number, wallMs: number): void {
    this.#now = {
      monotonicMs: this.#now.monotonicMs + monotonicMs,
      wallMs: this.#now.wallMs + wallMs,
    };
  }

  #known(): Map<string, CheckConfig> {
    const all = this.#configs.flatMap(({ servers }) => servers.flatMap(({ checks }) => checks));
    return new Map(all.map((check) => [check.key, check]));
  }

  #allResults(passing: boolean, times: number): void {
    for (const key of this.#known().keys()) {
      for (let time = 0; time < times; time += 1) {
        this.#result(key, { passing, request: undefined });
      }
    }
  }

  #result(
    key: string,
    { passing, request }: Pick<Extract<Step, { type: 'result' }>, 'passing' | 'request'>,
  ): void {
    const check = this.#known().get(key);
    const health = this.#checks.get(key);
    if (check === undefined || health === undefined) return;
    this.#results += 1;
    const result: CheckResult = {
      passing,
      reason: `${passing ? 'passed' : 'failed'}, result ${this.#results}`,
      at: this.#now,
      durationMs: 1,
      ...(request !== undefined && { request }),
    };
    this.#model.result(key, result);
    this.#checks = new Map(this.#checks).set(key, afterResult(health, check.rules, result));
  }

  #override({ service, server, kind }: Extract<Step, { type: 'override' }>): void {
    const config = this.#configs[service];
    if (config === undefined) return;
    const all = this.#overrides.get(config.key) ?? new Map<string, ServerOverride>();
    this.#overrides.set(config.key, all);
    if (kind === undefined) all.delete(serverKey(server));
    else {
      const sinceWallMs = this.#now.wallMs - 7;
      all.set(serverKey(server), { kind, sinceWallMs, reason: 'new memory' });
    }
  }

  #reload(file: number): void {
    this.#configs = this.#files[file] ?? [];
    const { services, checks } = migrateHealth(
      { services: this.#memories, checks: this.#checks },
      this.#configs,
    );
    this.#memories = new Map(services);
    this.#checks = checks;
    this.#model.reload(this.#configs);
  }

  /** The agent ends and starts again; what it wrote down may be lost. */
  #start(remembers: boolean): void {
    const at = this.#now;
    const text = formatHealth({ at, services: this.#memories, checks: this.#checks });
    const saved = parseHealth(text);
    expect(saved).toEqual({ at, services: this.#memories, checks: this.#checks });
    const known = remembers ? saved : undefined;
    const adoptions = this.#configs.map((config) => {
      const servers = this.#tables.get(config.key);
      return { config, observed: servers && { servers } };
    });
    this.#checks = adoptChecks(adoptions, known?.checks ?? new Map<string, CheckHealth>());
    this.#memories = new Map(
      adoptions.map(({ config, observed }) => {
        const memory = adoptService(config, observed, known?.services.get(config.key), this.#now);
        return [config.key, memory];
      }),
    );
    if (!remembers && Array.from(this.#memories.values()).some(({ state }) => state === 'sorry')) {
      this.seen.add('a start with nothing remembered and the sorry server in');
    }
    if (!remembers) this.#model.startFromTable(this.#configs, this.#tables, this.#now);
  }

  #see({ state, servers, ...decision }: ServiceDecision): void {
    this.seen.add(`service ${state}`);
    for (const server of servers) this.seen.add(`server ${server.state}`);
    const isUp = servers.some((server) => server.state === 'up' && server.weight > 0);
    const { up, quorum, isQuorumMet, isSorryIn, againAtMs } = decision;
    const facts: Partial<Record<(typeof situations)[number], boolean>> = {
      'a server out of the table': servers.some(({ isInTable }) => !isInTable),
      'a weight that grows': againAtMs !== undefined,
      'a share kept in beside a server that is up': state === 'fail-open' && isUp,
      'a server that is up while the sorry server is in': isSorryIn && up > 0,
      'a quorum that waits for hysteresis': !isQuorumMet && up >= quorum,
    };
    for (const [fact, isTrue] of Object.entries(facts)) if (isTrue) this.seen.add(fact);
  }

  #decide(): void {
    for (const { key, rules } of this.#known().values()) {
      const { verdict } = this.#checks.get(key) ?? newCheckHealth('unknown');
      if (verdict !== this.#model.verdict(key, rules)) {
        expect({ key, verdict }).toEqual({ key, verdict: this.#model.verdict(key, rules) });
      }
    }
    const tables = new Map<string, Map<string, number>>();
    for (const config of this.#configs) {
      const overrides = this.#overrides.get(config.key) ?? noOverrides;
      const before = this.#memories.get(config.key);
      const now = this.#now;
      const decision = decideService({ config, checks: this.#checks, overrides, before, now });
      expectSame(decision, this.#model.decide(config, overrides, now));
      this.#see(decision);
      this.#memories.set(config.key, decision.memory);
      tables.set(config.key, tableOf(config, decision));
    }
    this.#tables = tables;
  }
}

function tableOf({ sorryServer }: ServiceConfig, decision: ServiceDecision): Map<string, number> {
  const table = new Map<string, number>();
  for (const { key, isInTable, weight } of decision.servers) if (isInTable) table.set(key, weight);
  if (sorryServer !== undefined && decision.isSorryIn) {
    table.set(sorryServer.key, sorryServer.settings.weight);
  }
  return table;
}

function expectSame(decision: ServiceDecision, model: ModelDecision): void {
  const { memory, servers, state, isSorryIn, up, quorum, isQuorumMet, againAtMs } = decision;
  const shown = {
    state,
    sinceWallMs: memory.sinceWallMs,
    servers: servers.map(({ key, state, sinceWallMs, isInTable, weight }) => {
      return { key, state, sinceWallMs, isInTable, weight };
    }),
    isSorryIn,
    up,
    quorum,
    isQuorumMet,
    againAtMs,
  };
  // Comparing texts takes a tenth of the time.
  if (JSON.stringify(shown) !== JSON.stringify(model)) expect(shown).toEqual(model);
}
