import { request as httpRequest } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { codeOf } from '../../common/error-code.js';
import { isRecord, textOf } from '../../common/json.js';
import type { JsonRecord } from '../../common/json.js';
import { pause } from '../../common/pause.js';
import { printable } from '../../common/printable.js';
import { errorText } from '../../common/system-errors.js';
import { DEFAULT_SOCKET } from './default-socket.js';
import { eventsIn } from './event-text.js';
import type {
  DrainRequest,
  EventJson,
  MaintenanceRequest,
  ReloadJson,
  ServiceStatusJson,
  StatusJson,
} from './shapes.js';
import type { TrafficJson } from './traffic-shapes.js';

/** Where the agent is, and how long it is waited for. */
export interface AgentClientOptions {
  /** Default /run/ipvs/agent.sock. */
  readonly socket?: string;
  /** How long the agent may be silent before the call fails, in milliseconds. Default 30,000. */
  readonly timeoutMs?: number;
}

/** Which events are wanted. */
export interface EventsOptions {
  /** Those with a higher number. Default 0: all that the agent keeps. */
  readonly since?: number | undefined;
  /** Whether to go on with what happens from now on. Default false. */
  readonly follow?: boolean | undefined;
  /** Ends it. */
  readonly signal?: AbortSignal | undefined;
  /** With `follow`: how long an agent that has ended is waited for, in milliseconds, for it may start again. Default 30,000. */
  readonly patienceMs?: number | undefined;
}

/**
 * Why the agent could not be asked, or has refused: `NO_AGENT`, none is running; `NO_PERMISSION`, the socket is for its owner
 * and the group `ipvs`; `REFUSED`, nothing was changed, and the message says why; `FAILED`, the agent has ended meanwhile, or
 * answers something else.
 */
export type AgentErrorCode = 'NO_AGENT' | 'NO_PERMISSION' | 'REFUSED' | 'FAILED';

/** The agent could not be asked, or has refused. The message is a sentence for the administrator. */
export class AgentError extends Error {
  override readonly name = 'AgentError';
  readonly code: AgentErrorCode;
  /** Of the HTTP answer, if there was one. */
  readonly status: number | undefined;

  /** @internal */
  constructor(code: AgentErrorCode, message: string, status?: number, cause?: unknown) {
    super(message, { cause });
    this.code = code;
    this.status = status;
  }
}

const TIMEOUT_MS = 30_000;
/** A stream of events says at least each 15 s that it lives. */
const SILENCE_MS = 45_000;
/** Between two attempts to reach an agent that has ended. */
const AGAIN_MS = 250;
/** The status of 50,000 servers is a tenth of that. */
const MOST_BYTES = 256 * 2 ** 20;

/** A request to the agent. */
interface Call {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

/**
 * A client of the health-checking agent, `ipvs agent`, over its socket. It has no connection of its own: each call makes one.
 *
 * @example
 * ```ts
 * import { AgentClient, AgentError } from 'ipvs/agent';
 *
 * const agent = new AgentClient({ socket: '/run/no-agent.sock' });
 * try {
 *   const { services } = await agent.status();
 *   for (const { service, state, up } of services) console.error(service, state, up);
 * } catch (error) {
 *   if (!(error instanceof AgentError)) throw error;
 *   console.log(error.code); // NO_AGENT
 * }
 * ```
 */
export class AgentClient {
  readonly #socket: string;
  readonly #timeoutMs: number;

  constructor({ socket = DEFAULT_SOCKET, timeoutMs = TIMEOUT_MS }: AgentClientOptions = {}) {
    this.#socket = socket;
    this.#timeoutMs = timeoutMs;
  }

  /** What the agent knows: services, servers, their states and why. @throws AgentError */
  async status(): Promise<StatusJson> {
    return (await this.#ask({ method: 'GET', path: '/v1/status' })) as StatusJson;
  }

  /**
   * What it knows of one service: `tcp:192.0.2.1:80`, `mark:7`, or its name.
   * @throws AgentError with `status` 404 when it has no such service
   */
  async service(selector: string): Promise<ServiceStatusJson> {
    const path = `/v1/services/${encodeURIComponent(selector)}`;
    return (await this.#ask({ method: 'GET', path })) as ServiceStatusJson;
  }

  /**
   * Connections and rates of the services in the table. Of those that are named, 100 at most, also their servers and, where
   * the agent listens at an address, the rates of the last hour.
   * @throws AgentError
   */
  async traffic(services?: readonly string[]): Promise<TrafficJson> {
    const query =
      services === undefined ? '' : `?services=${encodeURIComponent(services.join(','))}`;
    return (await this.#ask({ method: 'GET', path: `/v1/traffic${query}` })) as TrafficJson;
  }

  /**
   * Events, the oldest first. With `follow` it goes on until the signal is aborted, which ends it without an error; an agent
   * that ends is waited for, and no event is lost or given twice. A gap in the numbers says that the agent does not keep
   * those between any more.
   * @throws AgentError
   */
  async *events(options: EventsOptions = {}): AsyncGenerator<EventJson, void, undefined> {
    const { since = 0, follow = false, signal, patienceMs = TIMEOUT_MS } = options;
    if (!Number.isSafeInteger(since) || since < 0) {
      throw new RangeError(`since ${since} is not the number of an event`);
    }
    let seen: number | undefined;
    let isKnown = false;
    let lostAt: number | undefined;
    for (;;) {
      try {
        const stream = await this.#stream(since, seen, follow, signal);
        isKnown = true;
        lostAt = undefined;
        for await (const event of eventsIn(stream)) {
          seen = event.seq;
          yield event;
        }
        if (!follow) return;
      } catch (error) {
        if (signal?.aborted === true) return;
        const lost = failureOf(error, this.#socket);
        // That there is no agent at all is said at once; one that was there may come back.
        if (!follow || !isKnown || lost.status !== undefined) throw lost;
        lostAt ??= performance.now();
        if (performance.now() - lostAt > patienceMs) throw lost;
      }
      await pause(AGAIN_MS, signal).catch(() => undefined);
      if (signal?.aborted === true) return;
    }
  }

  /**
   * Begins to drain servers, which goes on after the answer: {@link status} tells how far it is.
   * @throws AgentError when a server is not there
   */
  async drain(request: DrainRequest): Promise<void> {
    await this.#ask({ method: 'POST', path: '/v1/drain', body: request });
  }

  /** Takes a drain back. @throws AgentError */
  async undrain(request: Pick<DrainRequest, 'servers' | 'services'>): Promise<void> {
    await this.#ask({ method: 'DELETE', path: '/v1/drain', body: request });
  }

  /** Takes servers out until {@link endMaintenance}, also over restarts of the agent and of the machine. @throws AgentError */
  async startMaintenance(request: MaintenanceRequest): Promise<void> {
    await this.#ask({ method: 'POST', path: '/v1/maintenance', body: request });
  }

  /** @throws AgentError */
  async endMaintenance(request: Omit<MaintenanceRequest, 'reason'>): Promise<void> {
    await this.#ask({ method: 'DELETE', path: '/v1/maintenance', body: request });
  }

  /** Has the agent read its files again. Faulty files change nothing, and are no error: the answer says so. @throws AgentError */
  async reload(): Promise<ReloadJson> {
    const answer = await this.#ask({ method: 'POST', path: '/v1/reload', body: {} }, [422]);
    const { configValid, problem } = answer as ReloadJson;
    return { configValid, ...(problem !== undefined && { problem: printable(problem) }) };
  }

  /** @param also statuses that are an answer beside 200. @returns the JSON of the answer. */
  async #ask(call: Call, also: readonly number[] = []): Promise<unknown> {
    try {
      const response = await send(this.#socket, this.#timeoutMs, call);
      const value = await jsonOf(response);
      const status = response.statusCode ?? 0;
      if (status === 200 || also.includes(status)) return value;
      throw refusal(status, value);
    } catch (error) {
      throw failureOf(error, this.#socket);
    }
  }

  async #stream(
    since: number,
    seen: number | undefined,
    follow: boolean,
    signal: AbortSignal | undefined,
  ): Promise<IncomingMessage> {
    const path = `/v1/events?since=${since}&follow=${follow ? 1 : 0}`;
    const headers = { ...(seen !== undefined && { 'last-event-id': String(seen) }) };
    const patience = Math.max(this.#timeoutMs, SILENCE_MS);
    const response = await send(this.#socket, patience, { method: 'GET', path, headers, signal });
    if (response.statusCode === 200) return response;
    throw refusal(response.statusCode ?? 0, await jsonOf(response));
  }
}

/** Sends a request. @returns the answer, whose body is still to come. Rejects as node:http does. */
function send(socket: string, timeoutMs: number, call: Call): Promise<IncomingMessage> {
  const { method, path, body, headers = {}, signal } = call;
  return new Promise((resolve, reject) => {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const length = text === undefined ? {} : { 'content-length': Buffer.byteLength(text) };
    const request = httpRequest({
      socketPath: socket,
      agent: false,
      method,
      path,
      headers: { host: 'localhost', ...headers, ...length },
      ...(signal !== undefined && { signal }),
    });
    request.setTimeout(timeoutMs, () => {
      request.destroy(new AgentError('FAILED', `The agent has not answered for ${timeoutMs} ms.`));
    });
    request.once('response', resolve);
    request.on('error', reject);
    request.end(text);
  });
}

async function jsonOf(response: IncomingMessage): Promise<JsonRecord> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > MOST_BYTES) throw strange();
    chunks.push(chunk);
  }
  let value: unknown;
  try {
    value = JSON.parse(Buffer.concat(chunks).toString());
  } catch {
    throw strange();
  }
  if (!isRecord(value)) throw strange();
  return value;
}

const strange = (): AgentError =>
  new AgentError('FAILED', 'What answers at the socket is not the agent.');

function refusal(status: number, answer: JsonRecord): AgentError {
  const text = printable(textOf(answer['error']) ?? `status ${status}`);
  const code = status >= 500 ? 'FAILED' : 'REFUSED';
  return new AgentError(code, `The agent refuses: ${text}.`, status);
}

/** What went wrong, and what to do about it. */
function failureOf(error: unknown, socket: string): AgentError {
  if (error instanceof AgentError) return error;
  const path = printable(socket);
  switch (codeOf(error)) {
    case 'ENOENT':
    case 'ENOTDIR':
    case 'ECONNREFUSED':
      return new AgentError(
        'NO_AGENT',
        `No agent is running: nothing answers at ${path}. To start it: systemctl start ipvs-agent`,
        undefined,
        error,
      );
    case 'EACCES':
    case 'EPERM':
      return new AgentError(
        'NO_PERMISSION',
        `You may not ask the agent at ${path}: be root, or a member of the group ipvs.`,
        undefined,
        error,
      );
    default:
      return new AgentError(
        'FAILED',
        `The agent at ${path} has ended the connection: ${printable(errorText(error))}. To see whether it runs: systemctl status ipvs-agent`,
        undefined,
        error,
      );
  }
}
