import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { codeOf } from '../../common/error-code.js';
import type { AgentControl } from './control.js';
import type { EventOptions } from './event-options.js';
import { sendEvents } from './event-stream.js';
import { HttpProblem, replyJson } from './http.js';
import { answer } from './routes.js';
import type { Route, Surroundings } from './routes.js';

/** What clients can take of the agent at most. */
export interface HttpLimits {
  readonly bodyBytes: number;
  /** For the headers of a request, and for all of it. */
  readonly requestMs: number;
  readonly connections: number;
  /** Streams of events, of these connections. */
  readonly streams: number;
  /** Large answers that are under way at once. */
  readonly large: number;
  /** How long a reader of events may stand still. */
  readonly stallMs: number;
  /** How long a client may take to read any other answer. */
  readonly answerMs: number;
  /** How often a stream without events says that it lives. */
  readonly idleMs: number;
}

export interface HttpServiceOptions {
  readonly control: AgentControl;
  readonly routes: readonly Route[];
  readonly limits: HttpLimits;
  /** Sent with every answer. */
  readonly headers?: Readonly<Record<string, string>>;
  /** @throws HttpProblem for requests that are not answered at all. */
  readonly admit?: (request: IncomingMessage) => void;
  /** Hears errors that are mistakes in the agent; the client gets 500. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

/** Node's default is 16 KiB; there is nothing to say in headers. */
const MOST_HEADER_BYTES = 8 * 1024;
/** Of one connection: whoever sends more without reading answers is disconnected. */
const MOST_REQUESTS = 100;
/** How long requests under way are waited for when the agent ends. */
const PATIENCE_MS = 1000;
/** How often Node looks for requests that take too long. */
const LOOK_MS = 1000;

/** Answers HTTP requests about the agent, at a socket or an address. What a client can use is bounded. */
export class HttpService {
  readonly server: Server;
  readonly #options: HttpServiceOptions;
  readonly #surroundings: Surroundings;
  /** Ends of the streams of events that are open. */
  readonly #streams = new Set<() => void>();
  #large = 0;

  constructor(options: HttpServiceOptions) {
    const { control, routes, limits } = options;
    this.#options = options;
    this.#surroundings = {
      ...{ control, routes, mostBodyBytes: limits.bodyBytes },
      stream: (response, wanted) => {
        this.#stream(response, wanted);
      },
      beginLarge: (response) => {
        this.#beginLarge(response);
      },
    };
    this.server = createServer({
      headersTimeout: limits.requestMs,
      requestTimeout: limits.requestMs,
      connectionsCheckingInterval: Math.min(LOOK_MS, limits.requestMs),
      maxHeaderSize: MOST_HEADER_BYTES,
    });
    this.server.maxConnections = limits.connections;
    this.server.maxRequestsPerSocket = MOST_REQUESTS;
    this.server.on('request', (request, response) => {
      void this.#respond(request, response);
    });
    this.server.on('clientError', refuseGarbage);
  }

  /** Ends all streams and connections. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.server.close(() => {
        resolve();
      });
    });
    for (const end of this.#streams) end();
    const impatience = setTimeout(() => {
      this.server.closeAllConnections();
    }, PATIENCE_MS);
    await closed;
    clearTimeout(impatience);
  }

  async #respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { admit, headers = {}, onError } = this.#options;
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    try {
      admit?.(request);
      await answer(request, response, this.#surroundings);
    } catch (error) {
      // The client has gone while it was sending.
      if (request.destroyed && !request.complete) return;
      if (error instanceof HttpProblem) {
        problem(response, error.status, error.message, error.headers);
      } else {
        onError?.(error);
        problem(response, 500, 'the agent has failed to answer; its log says why');
      }
    }
    // Streams have a limit of their own, and go on.
    if (response.writableEnded && !response.writableFinished) this.#limitReading(response);
  }

  #beginLarge(response: ServerResponse): void {
    const most = this.#options.limits.large;
    if (this.#large >= most) {
      const retry = { 'retry-after': '1' };
      throw new HttpProblem(503, `${most} such answers are under way already; try again`, retry);
    }
    this.#large += 1;
    response.on('close', () => {
      this.#large -= 1;
    });
    this.#limitReading(response);
  }

  /** Whoever never takes an answer must not keep it here. */
  #limitReading(response: ServerResponse): void {
    const cutOff = setTimeout(() => response.destroy(), this.#options.limits.answerMs);
    response.on('close', () => {
      clearTimeout(cutOff);
    });
  }

  #stream(response: ServerResponse, wanted: EventOptions): void {
    const { control, limits } = this.#options;
    if (this.#streams.size >= limits.streams) {
      throw new HttpProblem(
        503,
        `${limits.streams} clients follow the events already; try again later`,
      );
    }
    const { stallMs, idleMs } = limits;
    const end = sendEvents(response, control.events, { ...wanted, stallMs, idleMs });
    this.#streams.add(end);
    response.on('close', () => this.#streams.delete(end));
  }
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

function problem(
  response: ServerResponse,
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  if (response.headersSent) response.destroy();
  else replyJson(response, status, { error: text }, headers);
}
