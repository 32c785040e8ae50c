import type { ServiceSelector } from '../../src/state/selection.js';
import { selectStatus } from '../../src/agent/control/select-status.js';
import { ControlError } from '../../src/agent/control/control.js';
import type { AgentControl } from '../../src/agent/control/control.js';
import { EventRing } from '../../src/agent/control/event-ring.js';
import type {
  NewEvent,
  ServerStatusJson,
  ServiceStatusJson,
  StatusJson,
} from '../../src/agent/control/shapes.js';
import type { ServiceTrafficJson, TrafficJson } from '../../src/agent/control/traffic-shapes.js';
import type { Rates } from '../../src/ipvs/model/statistics.js';

const INTERVAL_SECONDS = 10;
const POINTS = 360;

export interface WorldService {
  readonly service: string;
  readonly name?: string;
  readonly quorum?: number;
  readonly check?: string;
  readonly servers: readonly string[];
  /** New connections in a second, as they are on average. */
  readonly rate?: number;
  /** Whether replies take another way. */
  readonly direct?: boolean;
  readonly sorry?: boolean;
}

/** An agent as its page sees it: services and servers that a test can take down, with traffic that is always the same. */
export class World implements AgentControl {
  readonly reports = {
    traffic: (services?: readonly string[]) =>
      this.tableFailure === undefined
        ? Promise.resolve(this.traffic(services))
        : Promise.reject(this.tableFailure),
    metrics: () => Promise.resolve([]),
    failure: () => undefined,
  };
  // A page changes nothing.
  readonly drain = refuse;
  readonly undrain = refuse;
  readonly startMaintenance = refuse;
  readonly endMaintenance = refuse;
  readonly reload = refuse;
  readonly events: EventRing;
  readonly services = new Map<string, ServiceStatusJson>();
  readonly #told = new Map<string, WorldService>();
  /** Milliseconds since 1970. */
  readonly now: () => number;
  problem: string | undefined;
  /** Why the kernel's table cannot be read. */
  tableFailure: Error | undefined;

  constructor(services: readonly WorldService[], now: () => number = Date.now) {
    this.now = now;
    this.events = new EventRing({ now });
    const since = new Date(now() - 26 * 3_600_000).toISOString();
    for (const told of services) {
      this.#told.set(told.service, told);
      const servers = told.servers.map((server, index) => upServer(server, told, since, index));
      this.services.set(told.service, serviceOf(told, servers, since));
    }
  }

  status(): StatusJson {
    return {
      schemaVersion: 1,
      agent: {
        version: '0.1.0',
        pid: 812,
        since: new Date(this.now() - 30 * 86_400_000).toISOString(),
        configFile: '/etc/ipvs/ipvs.yaml',
        configValid: this.problem === undefined,
        ...(this.problem !== undefined && { problem: this.problem }),
      },
      services: [...this.services.values()],
    };
  }

  service(selector: ServiceSelector): ServiceStatusJson | undefined {
    return selectStatus([...this.services.values()], [selector]).selected[0]?.status;
  }

  /** Gives a server another state, with the events of that. */
  change(
    key: string,
    server: string,
    state: ServerStatusJson['state'],
    reason?: string,
    time = new Date(this.now()).toISOString(),
  ): void {
    const before = this.services.get(key);
    const told = this.#told.get(key);
    if (before === undefined || told === undefined) throw new Error(`no service ${key}`);
    const old = before.servers.find((one) => one.server === server);
    if (old === undefined) throw new Error(`no server ${server} in ${key}`);
    const servers = before.servers.map((one) =>
      one === old ? changed(one, state, reason, time) : one,
    );
    const after = serviceOf(told, servers, before.since);
    const since = after.state === before.state ? before.since : time;
    this.services.set(key, { ...after, since });
    const severity = state === 'down' ? 'warning' : 'info';
    const why = reason === undefined ? {} : { reason };
    this.tell({
      type: 'server',
      time,
      severity,
      service: key,
      server,
      from: old.state,
      to: state,
      ...why,
    });
    if (after.state === before.state) return;
    const worst = after.state === 'ok' ? 'info' : after.state === 'degraded' ? 'warning' : 'error';
    this.tell({
      type: 'service',
      time,
      severity: worst,
      service: key,
      from: before.state,
      to: after.state,
    });
  }

  tell(event: NewEvent): void {
    this.events.add(event);
  }

  traffic(keys?: readonly string[]): TrafficJson {
    const told = [...this.#told.values()].filter(
      ({ service }) => keys === undefined || keys.includes(service),
    );
    return {
      schemaVersion: 1,
      time: new Date(this.now() - (this.now() % (INTERVAL_SECONDS * 1000))).toISOString(),
      intervalSeconds: INTERVAL_SECONDS,
      total: this.#total(),
      services: told.map((one) => this.#trafficOf(one, keys !== undefined)),
    };
  }

  /** Of the first services: those of thousands would only take time. */
  #total(): TrafficJson['total'] {
    const histories = [...this.#told.values()].slice(0, 100).map((told) => this.#historyOf(told));
    const sum = (key: keyof History) =>
      Array.from({ length: POINTS }, (_, index) =>
        histories.reduce((all, history) => all + (history[key][index] ?? 0), 0),
      );
    const history = {
      connectionsPerSecond: sum('connectionsPerSecond'),
      incomingBytesPerSecond: sum('incomingBytesPerSecond'),
      outgoingBytesPerSecond: sum('outgoingBytesPerSecond'),
    };
    return { rates: ratesOf(history, false), history };
  }

  #historyOf({ service, rate = 40, direct = false }: WorldService): History {
    return this.#sinceDown(service, historyOf(service, rate, direct));
  }

  /** Nobody is served by a service that is down. */
  #sinceDown(key: string, history: History): History {
    const { state, since } = this.services.get(key) ?? {};
    if (state !== 'down' || since === undefined) return history;
    const points = Math.round((this.now() - Date.parse(since)) / (INTERVAL_SECONDS * 1000));
    const cut = (values: readonly number[]) =>
      values.map((value, index) => (index >= POINTS - points ? 0 : value));
    return {
      connectionsPerSecond: cut(history.connectionsPerSecond),
      incomingBytesPerSecond: cut(history.incomingBytesPerSecond),
      outgoingBytesPerSecond: cut(history.outgoingBytesPerSecond),
    };
  }

  #trafficOf(told: WorldService, complete: boolean): ServiceTrafficJson {
    const { service, direct = false } = told;
    const servers = this.services.get(service)?.servers ?? [];
    const history = this.#historyOf(told);
    const rates = ratesOf(history, direct);
    const weight = servers.reduce((sum, server) => sum + server.weight, 0);
    const short: ServiceTrafficJson = { service, connections: connectionsOf(rates, 1), rates };
    if (!complete) return short;
    return {
      ...short,
      history,
      servers: servers.map((server) => {
        const share = weight === 0 ? 0 : server.weight / weight;
        const part = scaled(rates, share);
        return {
          server: server.server,
          weight: server.weight,
          connections: connectionsOf(part, 1),
          rates: part,
        };
      }),
    };
  }
}

function refuse(): Promise<never> {
  return Promise.reject(new ControlError('the page changes nothing'));
}

function upServer(
  server: string,
  { check = 'http' }: WorldService,
  since: string,
  index: number,
): ServerStatusJson {
  return {
    server,
    state: 'up',
    since,
    wantedWeight: 3,
    weight: 3,
    checks: [
      { type: check, passing: true, reason: 'status 200', at: since, durationMs: 4 + index * 3 },
    ],
  };
}

function changed(
  server: ServerStatusJson,
  state: ServerStatusJson['state'],
  reason: string | undefined,
  since: string,
): ServerStatusJson {
  const { wantedWeight, checks } = server;
  const passing = state !== 'down';
  return {
    server: server.server,
    state,
    since,
    wantedWeight,
    weight: state === 'up' ? wantedWeight : 0,
    ...(reason !== undefined && state !== 'up' && { reason }),
    checks: checks.map(({ type, durationMs = 0 }) => ({
      type,
      passing,
      at: since,
      durationMs,
      ...(reason !== undefined && !passing && { reason }),
    })),
  };
}

function serviceOf(
  { service, name, quorum = 1, sorry = false }: WorldService,
  servers: readonly ServerStatusJson[],
  since: string,
): ServiceStatusJson {
  const up = servers.filter(({ state }) => state === 'up').length;
  const state =
    up === servers.length
      ? 'ok'
      : up < quorum && sorry
        ? 'sorry'
        : up === 0 && servers.every((server) => server.state === 'down') && quorum === 0
          ? 'fail-open'
          : up === 0
            ? 'down'
            : 'degraded';
  return {
    service,
    ...(name !== undefined && { name }),
    state,
    since,
    up,
    quorum,
    quorumMet: up >= quorum,
    servers,
  };
}

/** Numbers that look like chance and are always the same. */
function noise(seed: string): () => number {
  let state = 2166136261;
  for (const char of seed) state = Math.imul(state ^ char.charCodeAt(0), 16777619);
  return () => {
    state = Math.imul(state ^ (state >>> 15), 2246822519) + 1;
    state ^= state >>> 13;
    return (state >>> 0) / 2 ** 32;
  };
}

type History = ReturnType<typeof makeHistory>;

const histories = new Map<string, History>();

function historyOf(seed: string, rate: number, direct: boolean): History {
  const key = `${seed} ${rate}`;
  const made = histories.get(key) ?? makeHistory(seed, rate, direct);
  histories.set(key, made);
  return made;
}

function makeHistory(seed: string, rate: number, direct: boolean) {
  const next = noise(seed);
  const phase = next() * 6;
  let drift = 0;
  const connections = Array.from({ length: POINTS }, (_, index) => {
    drift = drift * 0.92 + (next() - 0.5) * 0.12;
    const wave = 1 + 0.18 * Math.sin(phase + index / 38) + drift + (next() - 0.5) * 0.06;
    return Math.max(0, Math.round(rate * wave * 10) / 10);
  });
  return {
    connectionsPerSecond: connections,
    incomingBytesPerSecond: connections.map((value) =>
      Math.round(value * 1_900 * (0.9 + next() * 0.2)),
    ),
    outgoingBytesPerSecond: connections.map((value) =>
      direct ? 0 : Math.round(value * 31_000 * (0.75 + next() * 0.5)),
    ),
  };
}

function ratesOf(history: History, direct: boolean): Rates {
  const connectionsPerSecond = history.connectionsPerSecond.at(-1) ?? 0;
  return {
    connectionsPerSecond,
    incomingPacketsPerSecond: connectionsPerSecond * 9,
    outgoingPacketsPerSecond: direct ? 0 : connectionsPerSecond * 30,
    incomingBytesPerSecond: history.incomingBytesPerSecond.at(-1) ?? 0,
    outgoingBytesPerSecond: history.outgoingBytesPerSecond.at(-1) ?? 0,
  };
}

function scaled(rates: Rates, share: number): Rates {
  return {
    connectionsPerSecond: rates.connectionsPerSecond * share,
    incomingPacketsPerSecond: rates.incomingPacketsPerSecond * share,
    outgoingPacketsPerSecond: rates.outgoingPacketsPerSecond * share,
    incomingBytesPerSecond: rates.incomingBytesPerSecond * share,
    outgoingBytesPerSecond: rates.outgoingBytesPerSecond * share,
  };
}

function connectionsOf({ connectionsPerSecond }: Rates, factor: number) {
  return {
    active: Math.round(connectionsPerSecond * 3.4 * factor),
    inactive: Math.round(connectionsPerSecond * 8.2 * factor),
    persistent: 0,
  };
}
