import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sendEvents } from '../../src/agent/control/event-stream.js';
import { page } from '../../src/agent/page/page.js';
import type { World } from './world.js';

/** Serves the page and what it asks for, as the agent's listener does. It can be stopped and started again at the same port. */
export class FixtureServer {
  readonly #world: World;
  /** What has been asked for, without the page itself. */
  readonly requests: string[] = [];
  #server: Server | undefined;
  #port = 0;
  /** Beside the page's own: for the scripts of tests that look into it. */
  contentSecurityPolicy = page().contentSecurityPolicy;

  constructor(world: World) {
    this.#world = world;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}/`;
  }

  async start(): Promise<void> {
    const server = createServer((request, response) => {
      this.#answer(request, response);
    });
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    response.setHeader('date', new Date(this.#world.now()).toUTCString());
    const { pathname, searchParams } = new URL(request.url ?? '/', this.url);
    if (pathname === '/') {
      response.writeHead(200, {
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': this.contentSecurityPolicy,
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
      });
      response.end(page().html);
      return;
    }
    this.requests.push(request.url ?? '');
    if (pathname === '/v1/events') {
      this.#sendEvents(request, response, searchParams);
      return;
    }
    const answer = this.#json(pathname, searchParams);
    response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer ?? { error: `there is no ${pathname}` }));
  }

  #json(pathname: string, parameters: URLSearchParams): unknown {
    if (pathname === '/v1/status') return this.#world.status();
    if (pathname === '/v1/traffic') {
      const keys = parameters.get('services');
      return this.#world.traffic(
        keys === null ? undefined : keys.split(',').map(decodeURIComponent),
      );
    }
    const [, key] = /^\/v1\/services\/(.+)$/.exec(pathname) ?? [];
    return key === undefined ? undefined : this.#world.services.get(decodeURIComponent(key));
  }

  #sendEvents(
    request: IncomingMessage,
    response: ServerResponse,
    parameters: URLSearchParams,
  ): void {
    const { lastSeq } = this.#world.events;
    const resumed = request.headers['last-event-id'];
    const since =
      typeof resumed === 'string' ? Number(resumed) : lastSeq - Number(parameters.get('last'));
    sendEvents(response, this.#world.events, {
      since: Math.max(0, Math.min(since, lastSeq)),
      follow: true,
      stallMs: 10_000,
      idleMs: 15_000,
    });
  }
}
