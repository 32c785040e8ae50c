import { Socket } from 'node:net';
import type { TcpNetConnectOpts } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { CheckTarget } from '../config/config.js';
import type { Probe, ProbeOutcome } from './check-type.js';
import { failed, failing, noAnswer, passing, timedProbe } from './probe-timer.js';
import type { ProbeRun, Settle } from './probe-timer.js';
import { connectionReason } from './reasons.js';
import { CLOSED_IN_HANDSHAKE, handshakeReason } from './tls.js';
import type { TlsSettings } from './tls.js';

export const CLOSED = 'connection closed without an answer';

/** What a check does with a connection that is open. */
export type Talk = (connection: Connection) => void;

/** What a connection needs to be opened. */
export interface Opening extends TcpNetConnectOpts {
  /**
   * Whether to read from the connection. Not reading costs a quarter less CPU, and its socket is freed by a minor collection;
   * a socket that was read from lives until the next full one.
   */
  readonly reads: boolean;
}

/** A probe that opens a connection at each run, in TLS where it has settings for that, and talks. */
export function connectionProbe(
  target: CheckTarget,
  tls: TlsSettings | undefined,
  talk: Talk,
  { reads = true }: { readonly reads?: boolean } = {},
): Probe {
  const opening = openingOf(target, reads || tls !== undefined);
  const { path } = target;
  return timedProbe(target.timeoutMs, (settle) => {
    const now = path === undefined ? opening : { ...opening, localPort: path.nextPort() };
    const connection = new Connection(now, target.timeoutMs, settle);
    connection.socket.once('connect', () => {
      if (tls === undefined) connection.go(talk);
      else connection.secure(tls, talk);
    });
    return connection;
  });
}

function openingOf({ address, port, source, path }: CheckTarget, reads: boolean): Opening {
  const host = (path?.address ?? address).toString();
  if (source === undefined) return { host, port, reads };
  return { host, port, reads, localAddress: source.toString() };
}

/** The connection of one run of a probe. It is gone when the run has settled. */
export class Connection implements ProbeRun {
  /** What it means that the time is up; without it, that there was no answer. */
  lateOutcome: (() => ProbeOutcome) | undefined;
  /** Called when the connection is closed and the run has not settled. */
  onClosed: () => void = () => {
    this.fail(CLOSED);
  };
  /** Called when the run has settled. */
  onRelease: (() => void) | undefined;
  readonly timeoutMs: number;
  readonly settle: Settle;
  readonly #plain: Socket;
  #socket: Socket;

  constructor({ reads, ...options }: Opening, timeoutMs: number, settle: Settle) {
    this.timeoutMs = timeoutMs;
    this.settle = settle;
    this.#plain = new Socket();
    this.#socket = this.#plain;
    this.#watch(this.#plain, connectionReason);
    if (!reads) this.#plain.pause();
    this.#plain.connect(options);
  }

  /** What to talk over: TLS, once there is TLS. */
  get socket(): Socket {
    return this.#socket;
  }

  /** Goes on in TLS. When something is wrong with the certificate, nothing is sent. */
  secure({ options, problemOf }: TlsSettings, talk: Talk): void {
    const plain = this.#plain;
    const { onClosed } = this;
    this.onClosed = () => {
      this.fail(CLOSED_IN_HANDSHAKE);
    };
    let isSecure = false;
    this.go(() => {
      const socket = connectTls({ ...options, socket: plain });
      this.#socket = socket;
      this.#watch(socket, (error) => (isSecure ? connectionReason : handshakeReason)(error));
      socket.once('secureConnect', () => {
        isSecure = true;
        this.onClosed = onClosed;
        const problem = problemOf(socket);
        if (problem === undefined) this.go(talk);
        else this.fail(problem);
      });
    });
  }

  /** Talks; what goes wrong in that ends the run, and not the process. */
  go(talk: Talk): void {
    try {
      talk(this);
    } catch (error) {
      this.fail(connectionReason(error));
    }
  }

  pass(reason: string): void {
    this.settle(passing(reason));
  }

  fail(reason: string): void {
    this.settle(failing(reason));
  }

  onTimeout(): ProbeOutcome {
    return this.lateOutcome?.() ?? failing(noAnswer(this.timeoutMs));
  }

  release(): void {
    this.onRelease?.();
    // `resetAndDestroy` would keep neither end in TIME_WAIT, but leaves the handle open when the other end closes meanwhile.
    this.#socket.destroy();
    if (this.#socket !== this.#plain) this.#plain.destroy();
  }

  #watch(socket: Socket, reasonOf: (error: unknown) => string): void {
    // Also of what comes after the run has settled: an error that nobody listens for ends the process.
    socket.on('error', (error) => {
      this.settle(failed(error, reasonOf));
    });
    socket.once('close', () => {
      this.onClosed();
    });
  }
}
