/**
 * Health of services as the page says it, plain and slow: it keeps all that ever happened, and works everything out anew from
 * that each time. It is written from the page and not from the code, which is compared with it.
 */
import type { CheckRules, ServerConfig, ServiceConfig } from '../../../src/agent/config/config.js';
import type {
  CheckResult,
  Moment,
  ServerHealthState,
  ServerOverride,
  ServerState,
  ServiceState,
  Verdict,
} from '../../../src/agent/health/health.js';

export interface ModelServer {
  readonly key: string;
  readonly state: ServerState;
  readonly sinceWallMs: number;
  readonly isInTable: boolean;
  readonly weight: number;
}

export interface ModelDecision {
  readonly state: ServiceState;
  readonly sinceWallMs: number;
  readonly servers: readonly ModelServer[];
  readonly isSorryIn: boolean;
  readonly up: number;
  readonly quorum: number;
  readonly isQuorumMet: boolean;
  readonly againAtMs: number | undefined;
}

interface CheckPast {
  readonly begin: 'unknown' | 'assumed';
  readonly results: CheckResult[];
}

/** What a server was at one decision. */
interface ServerPast {
  readonly at: Moment;
  readonly health: ServerHealthState;
  readonly shown: ServerState;
  readonly override: ServerOverride | undefined;
  readonly slowStartMs: number;
}

/** What a service was at one decision. */
interface ServicePast {
  readonly at: Moment;
  readonly state: ServiceState;
}

interface Count {
  readonly up: number;
  readonly quorum: number;
  readonly enough: number;
}

interface ServiceHistory {
  readonly servers: Map<string, ServerPast[]>;
  readonly states: ServicePast[];
  readonly counts: Count[];
  readonly beganLost: boolean;
}

export class HealthModel {
  #checks = new Map<string, CheckPast>();
  #services = new Map<string, ServiceHistory>();

  result(key: string, result: CheckResult): void {
    this.#checks.get(key)?.results.push(result);
  }

  /** Another file: what stays keeps its past, what goes is forgotten, and what is new has none. */
  reload(configs: readonly ServiceConfig[]): void {
    const checks = new Map<string, CheckPast>();
    const services = new Map<string, ServiceHistory>();
    for (const config of configs) {
      const known = this.#services.get(config.key);
      const servers = new Map<string, ServerPast[]>();
      for (const server of config.servers) {
        servers.set(server.key, known?.servers.get(server.key) ?? []);
        for (const { key } of server.checks) {
          checks.set(key, this.#checks.get(key) ?? { begin: 'unknown', results: [] });
        }
      }
      const past = known ?? { states: [], counts: [], beganLost: false };
      services.set(config.key, { ...past, servers });
    }
    this.#checks = checks;
    this.#services = services;
  }

  /** The agent starts, and nothing is known but the table. */
  startFromTable(
    configs: readonly ServiceConfig[],
    tables: ReadonlyMap<string, ReadonlyMap<string, number>>,
    now: Moment,
  ): void {
    this.#checks = new Map();
    this.#services = new Map();
    for (const config of configs) {
      const table = tables.get(config.key);
      const servers = new Map<string, ServerPast[]>();
      for (const server of config.servers) {
        const weight = table?.get(server.key);
        // As it should be while the server is up.
        const isRight = weight !== undefined && (weight > 0 || server.settings.weight === 0);
        const isUp = isRight || (weight === undefined && config.initial === 'up');
        const health = isUp ? 'up' : 'starting';
        const { slowStartMs } = config;
        const first = { at: now, health, shown: health, override: undefined, slowStartMs } as const;
        servers.set(server.key, [first]);
        for (const { key } of server.checks) {
          if (isRight) this.#checks.set(key, { begin: 'assumed', results: [] });
          else if (!this.#checks.has(key)) this.#checks.set(key, { begin: 'unknown', results: [] });
        }
      }
      const weightOf = (key: string | undefined) =>
        key === undefined ? 0 : (table?.get(key) ?? 0);
      const beganLost =
        weightOf(config.sorryServer?.key) > 0 &&
        config.servers.every(({ key }) => weightOf(key) === 0);
      this.#services.set(config.key, { servers, states: [], counts: [], beganLost });
    }
  }

  verdict(key: string, { rise, fall }: CheckRules): Verdict {
    const { begin, results } = this.#check(key);
    let verdict: Verdict = begin;
    for (const [index, { passing }] of results.entries()) {
      const run = runLength(results, index);
      // The first success is enough, unless the check has failed as often as makes a verdict.
      if (passing && (verdict !== 'failing' || run >= rise)) verdict = 'passing';
      if (!passing && run >= fall) verdict = 'failing';
    }
    return verdict;
  }

  decide(
    config: ServiceConfig,
    overrides: ReadonlyMap<string, ServerOverride>,
    now: Moment,
  ): ModelDecision {
    const history = this.#services.get(config.key);
    if (history === undefined) throw new Error(`${config.key} is not in the file`);
    for (const server of config.servers) {
      const past = history.servers.get(server.key) ?? [];
      const override = overrides.get(server.key);
      const health = this.#health(server, config, past.at(-1)?.health);
      const asked = health === 'up' && this.#percent(server) === 0 ? 'draining' : health;
      const { slowStartMs } = config;
      past.push({ at: now, health, shown: override?.kind ?? asked, override, slowStartMs });
    }
    return this.#serviceDecision(config, history, now);
  }

  #serviceDecision(config: ServiceConfig, history: ServiceHistory, now: Moment): ModelDecision {
    const pastOf = ({ key }: ServerConfig) => history.servers.get(key) ?? [];
    const shownOf = (server: ServerConfig) => pastOf(server).at(-1)?.shown ?? 'starting';
    const total = config.servers.length;
    const up = config.servers.filter((server) => shownOf(server) === 'up').length;
    const quorum = Math.max(1, Math.min(total, wantedQuorum(config)));
    history.counts.push({
      up,
      quorum,
      enough: Math.max(1, Math.min(total, quorum + config.hysteresis)),
    });
    const isLost = isLostAfter(history);
    const isSorryIn = isLost && config.sorryServer !== undefined;
    const kept = this.#keptIn(config, pastOf);
    const servers = config.servers.map((server) => {
      const isKept = kept.includes(server);
      return this.#serverDecision(server, pastOf(server), { config, isKept, isSorryIn, now });
    });
    const state = stateOf(config, servers, { isLost, isSorryIn, isOpen: kept.length > 0 });
    history.states.push({ at: now, state });
    const growing = config.servers
      .map((server) => growth(pastOf(server), now))
      .filter((one) => one !== undefined);
    return {
      state,
      sinceWallMs: firstOfRun(history.states, (one) => one.state === state)?.at.wallMs ?? 0,
      servers,
      isSorryIn,
      up,
      quorum,
      isQuorumMet: !isLost,
      againAtMs: growing.length === 0 ? undefined : Math.min(...growing.map((one) => one.nextMs)),
    };
  }

  #serverDecision(
    server: ServerConfig,
    past: readonly ServerPast[],
    {
      config,
      isKept,
      isSorryIn,
      now,
    }: {
      readonly config: ServiceConfig;
      readonly isKept: boolean;
      readonly isSorryIn: boolean;
      readonly now: Moment;
    },
  ): ModelServer {
    const shown = past.at(-1)?.shown ?? 'starting';
    let isInTable = true;
    if (config.onFailure === 'remove' && !isKept) {
      if (shown === 'down') isInTable = false;
      if (shown === 'starting') isInTable = isSorryIn;
    }
    let weight = 0;
    if (shown === 'up') weight = this.#fullWeight(server, past, now);
    if (isKept) weight = server.settings.weight;
    if (isSorryIn) weight = 0;
    return { key: server.key, state: shown, sinceWallMs: shownSince(past), isInTable, weight };
  }

  #check(key: string): CheckPast {
    const check = this.#checks.get(key);
    if (check === undefined) throw new Error(`${key} is not in the file`);
    return check;
  }

  /** What the server asked for last, by what this check heard. */
  #request(key: string): CheckResult['request'] {
    return this.#check(key).results.findLast(
      ({ passing, request }) => passing || request !== undefined,
    )?.request;
  }

  #health(
    { checks }: ServerConfig,
    { initial }: ServiceConfig,
    before: ServerHealthState | undefined,
  ): ServerHealthState {
    const verdicts = checks.map(({ key, rules }) =>
      this.#request(key)?.kind === 'down' ? 'failing' : this.verdict(key, rules),
    );
    const was = before ?? initial;
    if (verdicts.includes('failing')) return 'down';
    if (verdicts.includes('unknown')) return was;
    if (verdicts.includes('assumed')) return was;
    return 'up';
  }

  #percent({ checks }: ServerConfig): number {
    let least: number | undefined;
    for (const { key } of checks) {
      const request = this.#request(key);
      let percent: number | undefined;
      if (request?.kind === 'drain') percent = 0;
      if (request?.kind === 'share') percent = request.percent;
      if (percent !== undefined && (least === undefined || percent < least)) least = percent;
    }
    return least ?? 100;
  }

  #fullWeight(server: ServerConfig, past: readonly ServerPast[], now: Moment): number {
    const { weight } = server.settings;
    if (weight === 0) return 0;
    const asked = Math.max(1, rounded(weight * this.#percent(server), 100));
    const growing = growth(past, now);
    if (growing === undefined) return asked;
    const { seconds, slowStartMs } = growing;
    return Math.max(1, rounded(asked * (slowStartMs + 9 * seconds * 1000), 10 * slowStartMs));
  }

  #keptIn(
    { servers, failOpen, sorryServer }: ServiceConfig,
    pastOf: (server: ServerConfig) => readonly ServerPast[],
  ): ServerConfig[] {
    if (sorryServer !== undefined || failOpen.kind === 'never') return [];
    const counted = servers.filter((server) => {
      const shown = pastOf(server).at(-1)?.shown;
      return shown !== 'draining' && shown !== 'maintenance';
    });
    const down = counted.filter((server) => pastOf(server).at(-1)?.shown === 'down');
    if (down.length === counted.length) return down;
    if (failOpen.kind === 'none-up') return [];
    const up = counted.filter((server) => pastOf(server).at(-1)?.shown === 'up').length;
    const kept: ServerConfig[] = [];
    while (up + kept.length < (failOpen.percent / 100) * counted.length - 1e-9) {
      const left = down.filter((server) => !kept.includes(server));
      if (left.length === 0) break;
      const latest = Math.max(...left.map((server) => failedAt(pastOf(server))));
      const next = left.find((server) => failedAt(pastOf(server)) === latest);
      if (next === undefined) break;
      kept.push(next);
    }
    return kept;
  }
}

function stateOf(
  { sorryServer }: ServiceConfig,
  servers: readonly ModelServer[],
  {
    isLost,
    isSorryIn,
    isOpen,
  }: { readonly isLost: boolean; readonly isSorryIn: boolean; readonly isOpen: boolean },
): ServiceState {
  let weights = 0;
  if (isSorryIn && sorryServer !== undefined) weights = sorryServer.settings.weight;
  for (const { weight } of servers) weights += weight;
  if (weights === 0) return 'down';
  if (isSorryIn) return 'sorry';
  if (isOpen) return 'fail-open';
  if (isLost) return 'down';
  const isMissing = ({ state }: ModelServer) => state === 'starting' || state === 'down';
  return servers.some(isMissing) ? 'degraded' : 'ok';
}

/** How many results up to this one are like it, in a row. */
function runLength(results: readonly CheckResult[], index: number): number {
  let first = index;
  while (first > 0 && results[first - 1]?.passing === results[index]?.passing) first -= 1;
  return index - first + 1;
}

function wantedQuorum({ quorum, servers }: ServiceConfig): number {
  if (quorum.kind === 'servers') return quorum.count;
  let count = 0;
  while (count * 100 < quorum.percent * servers.length) count += 1;
  return count;
}

function isLostAfter({ counts, beganLost }: ServiceHistory): boolean {
  let isLost = beganLost;
  for (const { up, quorum, enough } of counts) isLost = isLost ? up < enough : up < quorum;
  return isLost;
}

/** The earliest of the last ones that are all alike. */
function firstOfRun<T>(past: readonly T[], isAlike: (one: T) => boolean): T | undefined {
  return past[past.findLastIndex((one) => !isAlike(one)) + 1];
}

function shownSince(past: readonly ServerPast[]): number {
  const shown = past.at(-1)?.shown;
  const begin = past.findLastIndex((one) => one.shown !== shown) + 1;
  const alike = past.slice(begin);
  const wanted = alike.findLast(({ override }) => override !== undefined)?.override;
  return wanted?.sinceWallMs ?? alike[0]?.at.wallMs ?? 0;
}

function failedAt(past: readonly ServerPast[]): number {
  return firstOfRun(past, ({ health }) => health === 'down')?.at.monotonicMs ?? -Infinity;
}

interface Growth {
  readonly seconds: number;
  readonly slowStartMs: number;
  readonly nextMs: number;
}

/** How far the weight of a server has grown since it came back; undefined when it has all of it. */
function growth(past: readonly ServerPast[], now: Moment): Growth | undefined {
  const last = past.at(-1);
  if (last?.health !== 'up') return undefined;
  const begin = past.findLastIndex(({ health }) => health !== 'up') + 1;
  if (past[begin - 1]?.health !== 'down') return undefined;
  const since = past.slice(begin);
  const fromMs = since[0]?.at.monotonicMs ?? 0;
  const wasWhole = since.some(({ at, slowStartMs }) => at.monotonicMs - fromMs >= slowStartMs);
  if (wasWhole) return undefined;
  const seconds = Math.trunc((now.monotonicMs - fromMs) / 1000);
  const nextMs = Math.min(fromMs + (seconds + 1) * 1000, fromMs + last.slowStartMs);
  return { seconds, slowStartMs: last.slowStartMs, nextMs };
}

/** A quotient, rounded half up, without floating point. */
function rounded(dividend: number, divisor: number): number {
  return Number((2n * BigInt(dividend) + BigInt(divisor)) / (2n * BigInt(divisor)));
}
