import { mkdtempSync, rmSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { PATIENCE_MS } from '../lab/patience.js';
import { ControlError } from '../../src/agent/control/control.js';
import type { AgentControl } from '../../src/agent/control/control.js';
import { EventRing } from '../../src/agent/control/event-ring.js';
import { selectStatus } from '../../src/agent/control/select-status.js';
import { serveControl } from '../../src/agent/control/server.js';
import type { ControlServer } from '../../src/agent/control/server.js';
import type {
  ReloadJson,
  ServerStatusJson,
  ServiceStatusJson,
  StatusJson,
} from '../../src/agent/control/shapes.js';
import type { HistoryJson, TrafficJson } from '../../src/agent/control/traffic-shapes.js';
import type { ServiceSelector } from '../../src/state/selection.js';
import type { Rates } from '../../src/ipvs/model/statistics.js';

/** What is awaited comes late on a machine with other work. */
export const PATIENT = { timeout: PATIENCE_MS };

export const SINCE = '2026-11-29T10:00:00.000Z';

export function server(
  address: string,
  state: ServerStatusJson['state'] = 'up',
  more: Partial<ServerStatusJson> = {},
): ServerStatusJson {
  const weight = state === 'up' ? 1 : 0;
  const check = { type: 'tcp', passing: state === 'up', at: SINCE, durationMs: 2 };
  return {
    ...{ server: address, state, since: SINCE, wantedWeight: 1, weight, checks: [check] },
    ...more,
  };
}

export function service(
  id: string,
  servers: readonly ServerStatusJson[],
  more: Partial<ServiceStatusJson> = {},
): ServiceStatusJson {
  const up = servers.filter(({ state }) => state === 'up').length;
  const state = up === servers.length ? 'ok' : up > 0 ? 'degraded' : 'down';
  return { service: id, state, since: SINCE, up, quorum: 1, quorumMet: up > 0, servers, ...more };
}

export const noRates: Rates = {
  connectionsPerSecond: 0,
  incomingPacketsPerSecond: 0,
  outgoingPacketsPerSecond: 0,
  incomingBytesPerSecond: 0,
  outgoingBytesPerSecond: 0,
};

export const noHistory: HistoryJson = {
  connectionsPerSecond: [],
  incomingBytesPerSecond: [],
  outgoingBytesPerSecond: [],
};

/** An agent that notes what it is asked for. */
export class FakeAgent implements AgentControl {
  readonly events: EventRing;
  /** What was asked of it, in order. */
  readonly calls: (readonly [what: string, request?: unknown])[] = [];
  services: readonly ServiceStatusJson[] = [
    service(
      'tcp:192.0.2.1:80',
      [
        server('10.0.0.2:8080'),
        server('10.0.0.3:8080', 'down', { reason: 'connection refused', wantedWeight: 3 }),
      ],
      { name: 'web' },
    ),
    service('udp:[2001:db8::1]:53', [server('[2001:db8::2]:53'), server('[2001:db8::3]:53')]),
  ];
  agent: StatusJson['agent'] = {
    ...{ version: '0.1.0', pid: 4711, since: SINCE, configFile: '/etc/ipvs/ipvs.yaml' },
    configValid: true,
  };
  traffic: TrafficJson = {
    ...{ schemaVersion: 1, time: SINCE, intervalSeconds: 10, services: [] },
    total: { rates: noRates, history: noHistory },
  };
  /** What it says in metrics. */
  metrics: Iterable<string> = ['ipvs_services 2\n'];
  /** Why it does not keep the table as it should be. */
  failure: string | undefined;
  /** What it was asked to report of. */
  readonly reported: (readonly string[] | undefined)[] = [];
  readonly reports = {
    traffic: (services?: readonly string[]) => {
      this.reported.push(services);
      return Promise.resolve(this.traffic);
    },
    metrics: () => Promise.resolve(this.metrics),
    failure: () => this.failure,
  };
  /** Refuses what changes something. */
  refusal: ControlError | undefined;
  reloaded: ReloadJson = { configValid: true };
  /** What a change has to wait for. */
  until: Promise<void> = Promise.resolve();

  constructor(events = new EventRing()) {
    this.events = events;
  }

  status(): StatusJson {
    return { schemaVersion: 1, agent: this.agent, services: this.services };
  }
  service(selector: ServiceSelector): ServiceStatusJson | undefined {
    return selectStatus(this.services, [selector]).selected[0]?.status;
  }
  drain: AgentControl['drain'] = (request) => this.#change('drain', request);
  undrain: AgentControl['undrain'] = (request) => this.#change('undrain', request);
  startMaintenance: AgentControl['startMaintenance'] = (request) =>
    this.#change('startMaintenance', request);
  endMaintenance: AgentControl['endMaintenance'] = (request) =>
    this.#change('endMaintenance', request);
  reload(): Promise<ReloadJson> {
    this.calls.push(['reload']);
    return Promise.resolve(this.reloaded);
  }

  async #change(what: string, request: unknown): Promise<void> {
    this.calls.push([what, request]);
    await this.until;
    if (this.refusal !== undefined) throw this.refusal;
  }
}

/** A path for a socket, in a folder that goes with the test. */
export function socketPath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ipvs-agent-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
  });
  return join(folder, 'agent.sock');
}

/** The file of a socket whose process has ended. */
export async function deadSocket(path: string): Promise<void> {
  const dead = createServer();
  await new Promise<void>((resolve) => dead.listen(`${path}.dead`, resolve));
  // A socket that is closed removes the file that it was made with.
  await rename(`${path}.dead`, path);
  await new Promise((resolve) => dead.close(resolve));
}

export interface ServedAgent {
  readonly agent: FakeAgent;
  readonly socket: string;
  readonly server: ControlServer;
  /** Errors that the server takes for mistakes. */
  readonly errors: unknown[];
}

/** Serves an agent at a socket, until the test ends. */
export async function serveFakeAgent(
  agent = new FakeAgent(),
  { socket = socketPath(), limits = {} } = {},
): Promise<ServedAgent> {
  const errors: unknown[] = [];
  const server = await serveControl(agent, {
    socket,
    limits,
    onError: (error) => errors.push(error),
  });
  onTestFinished(() => server.close());
  return { agent, socket, server, errors };
}
