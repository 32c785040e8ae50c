import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { TlsOptions } from 'node:tls';
import { prepareProbe } from '../../src/agent/checks/check-types.js';
import type { Probe } from '../../src/agent/checks/check-type.js';
import { readAgentConfig } from '../../src/agent/config/read-config.js';
import { parseState } from '../../src/state/file/parse.js';

/** What a server does with a connection. */
export type Behaviour = (socket: Socket) => void;

/** A server on loopback, which knows whether it still has connections. */
export class CheckServer {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(behave: Behaviour, tls: TlsOptions | undefined) {
    const accept = (socket: Socket): void => {
      socket.on('error', () => undefined);
      behave(socket);
      // Otherwise it would not notice that the connection is closed.
      socket.resume();
    };
    this.#server =
      tls === undefined
        ? createServer(accept)
        : createTlsServer(tls).on('secureConnection', accept);
    this.#server.on('tlsClientError', () => undefined);
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
  }

  static async start(
    behave: Behaviour,
    tls?: TlsOptions,
    host = '127.0.0.1',
  ): Promise<CheckServer> {
    const server = new CheckServer(behave, tls);
    await new Promise<void>((resolve) => server.#server.listen(0, host, resolve));
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get connections(): number {
    return this.#sockets.size;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** A port on which nobody listens. */
export async function closedPort(): Promise<number> {
  await using server = await CheckServer.start(() => undefined);
  return server.port;
}

/** The probe of a check as state files write it, `{type: tcp}`, of a server on loopback. */
export function probeOf(check: object, port: number, address = '127.0.0.1'): Probe {
  const host = address.includes(':') ? `[${address}]` : address;
  const text = JSON.stringify({
    services: [
      {
        service: 'tcp:192.0.2.1:80',
        method: 'tun',
        // With method nat, an IPv6 server could not be one of this service.
        check: { address, port, ...check },
        servers: [`${host}:80`],
      },
    ],
  });
  const [config] = readAgentConfig(parseState(text)).services[0]?.servers[0]?.checks ?? [];
  if (config === undefined) throw new Error('there is no check');
  return prepareProbe(config);
}

/** Sends a text byte by byte. */
export function drip(socket: Socket, text: string, onEnd: () => void = () => undefined): void {
  const [first, ...others] = text;
  if (first === undefined || socket.destroyed) {
    onEnd();
    return;
  }
  socket.write(first, () => {
    setImmediate(() => {
      drip(socket, others.join(''), onEnd);
    });
  });
}

/** Sends a text again and again, as fast as it is taken. */
export function flood(socket: Socket, text: string): void {
  const block = text.repeat(Math.ceil(16_384 / text.length));
  const more = (): void => {
    // In turns: a client in another process would take all that is sent at once, and nothing else would be heard of here.
    if (!socket.destroyed) socket.write(block, () => setImmediate(more));
  };
  more();
}

/** Answers each line with what is next; the first answer is sent without being asked for. */
export function lines(...answers: readonly string[]): Behaviour {
  return (socket) => {
    let next = 0;
    const answer = (): void => {
      const text = answers[next];
      next += 1;
      if (text === undefined) socket.end();
      else socket.write(text);
    };
    answer();
    socket.on('data', answer);
  };
}
