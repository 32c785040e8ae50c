import type { Server } from 'node:http';
import { codeOf } from '../../common/error-code.js';
import { errorText, systemErrorText } from '../../common/system-errors.js';
import { HostError } from '../../host/host-error.js';
import type { AgentControl } from '../control/control.js';
import { HttpService } from '../control/http-service.js';
import type { HttpLimits } from '../control/http-service.js';
import { admitHost } from './admit-host.js';
import { formatListenAddress } from './listen-address.js';
import type { ListenAddress } from './listen-address.js';
import { listenerRoutes } from './listener-routes.js';

/** Anybody who reaches the address can ask: less than at the socket. */
const LIMITS: HttpLimits = {
  bodyBytes: 0,
  requestMs: 10_000,
  connections: 256,
  streams: 64,
  large: 8,
  stallMs: 10_000,
  answerMs: 60_000,
  idleMs: 15_000,
};

/** From linux/errno.h. */
const EADDRINUSE = 98;

/** Nothing of it is for pages of others. */
const HEADERS = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
};

export interface ListenerOptions {
  readonly at: ListenAddress;
  readonly limits?: Partial<HttpLimits>;
  readonly onError?: (error: unknown) => void;
}

export interface Listener {
  close(): Promise<void>;
}

/**
 * Serves the page, metrics and what the socket has to read, at an address.
 * @throws HostError when it cannot listen there.
 */
export async function listen(
  control: AgentControl,
  { at, limits = {}, onError }: ListenerOptions,
): Promise<Listener> {
  const service = new HttpService({
    ...{ control, routes: listenerRoutes, headers: HEADERS, admit: admitHost, onError },
    limits: { ...LIMITS, ...limits },
  });
  await listening(service.server, at);
  return service;
}

async function listening(server: Server, at: ListenAddress): Promise<void> {
  const { address, port } = at;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => {
      const text = `Cannot listen on ${formatListenAddress(at)}: ${reasonOf(error)}`;
      reject(new HostError(text, { cause: error }));
    });
    server.listen({ host: String(address), port }, resolve);
  });
  server.removeAllListeners('error');
  // An accepted connection may fail for want of descriptors: the next one may not.
  server.on('error', () => undefined);
}

/** Bun has no error number for an address that is in use. */
function reasonOf(error: Error): string {
  return codeOf(error) === 'EADDRINUSE' ? systemErrorText(EADDRINUSE) : errorText(error);
}
