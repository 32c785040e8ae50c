import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { codeOf } from '../../common/error-code.js';
import { HostError } from '../../host/host-error.js';
import { listenAt, socketPlace } from '../../host/unix-socket.js';
import { AgentClient } from './client.js';
import type { AgentControl } from './control.js';
import { DEFAULT_SOCKET } from './default-socket.js';
import { sendEvents } from './event-stream.js';
import { HttpProblem, replyJson } from './http.js';
import { answer } from './routes.js';
import type { EventOptions, Surroundings } from './routes.js';

/** What clients can take of the agent at most. */
export interface ControlLimits {
  readonly bodyBytes: number;
  /** For the headers of a request, and for all of it. */
  readonly requestMs: number;
  readonly connections: number;
  /** Streams of events, of these connections. */
  readonly streams: number;
  /** How long a reader of events may stand still. */
  readonly stallMs: number;
  /** How often a stream without events says that it lives. */
  readonly idleMs: number;
}

const LIMITS: ControlLimits = {
  bodyBytes: 64 * 1024,
  requestMs: 10_000,
  connections: 512,
  streams: 256,
  stallMs: 10_000,
  idleMs: 15_000,
};
/** Node's default is 16 KiB; there is nothing to say in headers. */
const MOST_HEADER_BYTES = 8 * 1024;
/** How long requests under way are waited for when the agent ends. */
const PATIENCE_MS = 1000;
/** How often Node looks for requests that take too long. */
const LOOK_MS = 1000;

export interface ControlOptions {
  /** Default {@link DEFAULT_SOCKET}. */
  readonly socket?: string;
  readonly limits?: Partial<ControlLimits>;
  /** Hears what the agent does without: the rights of a group, for instance. */
  readonly onWarning?: (text: string) => void;
  /** Hears errors that are mistakes in the agent; the client gets 500. */
  readonly onError?: (error: unknown) => void;
}

export interface ControlServer {
  /** Ends all streams and connections, and removes the socket. */
  close(): Promise<void>;
}

/** Another agent answers at the socket. */
export class AgentRunningError extends HostError {
  constructor(socket: string, pid: number | undefined) {
    const which = pid === undefined ? '' : ` (PID ${pid})`;
    super(
      `An agent${which} is running already, and has ${socket}. To see what it knows: ipvs status`,
    );
  }
}

/**
 * Serves the agent at a Unix socket, for its owner and the group `ipvs`. The socket of an agent that has died is replaced.
 * @throws AgentRunningError when another agent has the socket, HostError when it cannot be made.
 */
export async function serveControl(
  control: AgentControl,
  { socket = DEFAULT_SOCKET, limits = {}, onWarning, onError }: ControlOptions = {},
): Promise<ControlServer> {
  if ((await socketPlace(socket)) === 'in use') {
    throw new AgentRunningError(socket, await pidAt(socket));
  }
  const all = { ...LIMITS, ...limits };
  const streams = new Streams(control, all);
  const surroundings: Surroundings = {
    control,
    mostBodyBytes: all.bodyBytes,
    stream: (response, options) => {
      streams.begin(response, options);
    },
  };
  const server = httpServer(all, (request, response) => {
    void respond(request, response, surroundings, onError);
  });
  const rights = { mode: 0o660, group: 'ipvs', opensFolder: socket === DEFAULT_SOCKET };
  const place = await listenAt(server, socket, rights);
  for (const warning of place.warnings) onWarning?.(warning);
  return {
    close: async () => {
      await place.remove();
      const closed = new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
      });
      streams.end();
      const impatience = setTimeout(() => {
        server.closeAllConnections();
      }, PATIENCE_MS);
      await closed;
      clearTimeout(impatience);
    },
  };
}

/** The process that answers at a socket, if it is an agent. */
async function pidAt(socket: string): Promise<number | undefined> {
  try {
    return (await new AgentClient({ socket, timeoutMs: 2000 }).status()).agent.pid;
  } catch {
    return undefined;
  }
}

function httpServer(
  { requestMs, connections }: ControlLimits,
  onRequest: (request: IncomingMessage, response: ServerResponse) => void,
): Server {
  const server = createServer({
    headersTimeout: requestMs,
    requestTimeout: requestMs,
    connectionsCheckingInterval: Math.min(LOOK_MS, requestMs),
    maxHeaderSize: MOST_HEADER_BYTES,
  });
  server.maxConnections = connections;
  server.on('request', onRequest);
  server.on('clientError', refuseGarbage);
  return server;
}

const GARBAGE: Readonly<Record<string, readonly [status: string, text: string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'the request did not arrive in time'],
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'the headers are too long'],
};

/** What is no request at all has no response to answer with. */
function refuseGarbage(error: Error, socket: Socket): void {
  if (!socket.writable || socket.bytesWritten > 0) {
    socket.destroy();
    return;
  }
  const [status, text] = GARBAGE[codeOf(error)] ?? ['400 Bad Request', 'this is no HTTP request'];
  const body = `${JSON.stringify({ error: text })}\n`;
  socket.end(
    `HTTP/1.1 ${status}\r\nContent-Type: application/json; charset=utf-8\r\n` +
      `Content-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
    () => socket.destroy(),
  );
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  surroundings: Surroundings,
  onError: ControlOptions['onError'],
): Promise<void> {
  try {
    await answer(request, response, surroundings);
  } catch (error) {
    // The client has gone while it was sending.
    if (request.destroyed && !request.complete) return;
    if (error instanceof HttpProblem) {
      problem(response, error.status, error.message, error.headers);
      return;
    }
    onError?.(error);
    problem(response, 500, 'the agent has failed to answer; its log says why');
  }
}

function problem(
  response: ServerResponse,
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  if (response.headersSent) response.destroy();
  else replyJson(response, status, { error: text }, headers);
}

/** The streams of events that are open. */
class Streams {
  readonly #control: AgentControl;
  readonly #limits: ControlLimits;
  readonly #open = new Set<() => void>();

  constructor(control: AgentControl, limits: ControlLimits) {
    this.#control = control;
    this.#limits = limits;
  }

  begin(response: ServerResponse, options: EventOptions): void {
    if (this.#open.size >= this.#limits.streams) {
      const most = this.#limits.streams;
      throw new HttpProblem(503, `${most} clients follow the events already; try again later`);
    }
    const { stallMs, idleMs } = this.#limits;
    const end = sendEvents(response, this.#control.events, { ...options, stallMs, idleMs });
    this.#open.add(end);
    response.on('close', () => this.#open.delete(end));
  }

  end(): void {
    for (const end of this.#open) end();
  }
}
