import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import type { CheckTarget } from '../config/config.js';
import type { ProbeOutcome } from './check-type.js';
import { failed, failing, noAnswer } from './probe-timer.js';
import type { ProbeRun, Settle } from './probe-timer.js';

/** What to ask of a server, and what becomes of its answers. */
export interface DatagramQuestion {
  readonly target: CheckTarget;
  readonly bytes: Uint8Array;
  /** Called for each datagram that comes back, until the run has settled. */
  readonly onAnswer: (bytes: Buffer) => void;
  /** What it means that the time is up; without it, that there was no answer. */
  readonly onTimeout?: (() => ProbeOutcome) | undefined;
}

/** The UDP socket of one run of a probe: connected, so that it hears of an unreachable port, and of no other sender. */
export class Datagram implements ProbeRun {
  readonly #question: DatagramQuestion;
  readonly #settle: Settle;
  readonly #socket: Socket;
  #isReleased = false;

  /** Sends it as soon as there is a socket. */
  constructor(question: DatagramQuestion, settle: Settle) {
    const { address: asked, port, source, path } = question.target;
    const address = path?.address ?? asked;
    this.#question = question;
    this.#settle = settle;
    this.#socket = createSocket(address.family === 'ipv6' ? 'udp6' : 'udp4');
    this.#socket.on('error', this.#failed).on('message', (bytes) => {
      this.#guarded(() => {
        question.onAnswer(bytes);
      });
    });
    const connect = () => {
      this.#guarded(() => {
        this.#socket.connect(port, address.toString(), this.#connected);
      });
    };
    const from = {
      ...(source !== undefined && { address: source.toString() }),
      ...(path !== undefined && { port: path.nextPort() }),
    };
    if (Object.keys(from).length === 0) connect();
    else this.#socket.bind({ ...from, exclusive: true }, connect);
  }

  onTimeout(): ProbeOutcome {
    const { target, onTimeout } = this.#question;
    return onTimeout?.() ?? failing(noAnswer(target.timeoutMs));
  }

  release(): void {
    this.#isReleased = true;
    this.#socket.close();
  }

  /** The types of Node lack the error that this gets when the connection fails. */
  readonly #connected = (error?: Error): void => {
    if (error !== undefined) {
      this.#failed(error);
      return;
    }
    this.#guarded(() => {
      this.#socket.send(this.#question.bytes, this.#sent);
    });
  };

  readonly #sent = (error: Error | null): void => {
    if (error !== null) this.#failed(error);
  };

  readonly #failed = (error: unknown): void => {
    this.#settle(failed(error));
  };

  /** A run that has settled has no socket any more. */
  #guarded(act: () => void): void {
    if (this.#isReleased) return;
    try {
      act();
    } catch (error) {
      this.#failed(error);
    }
  }
}
