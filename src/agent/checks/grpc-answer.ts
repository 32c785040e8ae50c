import type { IncomingHttpHeaders, IncomingHttpStatusHeader } from 'node:http2';
import type { ProbeOutcome } from './check-type.js';
import { decodeResponse, FRAME_HEADER_BYTES } from './grpc-message.js';
import type { ServingState } from './grpc-message.js';
import { failing, passing } from './probe-timer.js';
import type { Settle } from './probe-timer.js';
import { quoted } from './reasons.js';

/** The right answer has a few bytes. */
const MOST_BYTES = 1024;

/** By their numbers. */
const statusNames = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
];
const NOT_FOUND = 'NOT_FOUND';
const UNIMPLEMENTED = 'UNIMPLEMENTED';

/** The answer to one question, as it comes in. It settles at its end, or as soon as it is none. */
export class GrpcAnswer {
  /** The service that was asked for; empty: the server as a whole. */
  readonly #service: string;
  readonly #settle: Settle;
  readonly #pieces: Buffer[] = [];
  #length = 0;
  /** Headers that say how it went: those at the end, or the only ones. */
  #last: IncomingHttpHeaders = {};

  constructor(service: string, settle: Settle) {
    this.#service = service;
    this.#settle = settle;
  }

  begin(headers: IncomingHttpHeaders & IncomingHttpStatusHeader): void {
    this.#last = headers;
    const { ':status': status = 0, 'content-type': contentType = '' } = headers;
    if (status !== 200) this.#settle(failing(`HTTP status ${status}, expected 200`));
    else if (!/^application\/grpc(?:$|[+; ])/i.test(contentType)) {
      this.#settle(failing(`answer is not gRPC, its content type is ${quoted(contentType)}`));
    }
  }

  add(bytes: Buffer): void {
    this.#length += bytes.length;
    if (this.#length > MOST_BYTES) this.#settle(failing('answer is too long'));
    else this.#pieces.push(bytes);
  }

  trailers(headers: IncomingHttpHeaders): void {
    this.#last = headers;
  }

  end(): void {
    this.#settle(this.#outcome());
  }

  #outcome(): ProbeOutcome {
    const { 'grpc-status': status, 'grpc-message': message } = this.#last;
    if (typeof status !== 'string') return failing('answer ends without a gRPC status');
    if (status !== '0') return failing(this.#statusReason(status, message));
    const state = decodeResponse(Buffer.concat(this.#pieces));
    return state === undefined ? failing(this.#malformed()) : stateOutcome(state);
  }

  #malformed(): string {
    return this.#length < FRAME_HEADER_BYTES ? 'answer has no message' : 'answer is malformed';
  }

  #statusReason(status: string, message: string | string[] | undefined): string {
    const name = statusNames[Number(status)];
    if (name === NOT_FOUND) {
      return this.#service === ''
        ? 'the health service knows no state of the server as a whole; set "service"'
        : `the health service does not know ${quoted(this.#service)}`;
    }
    if (name === UNIMPLEMENTED) return 'the server has no health service';
    const shown = name === undefined ? quoted(status) : `${status} ${name}`;
    return typeof message === 'string' && message !== ''
      ? `gRPC status ${shown}: ${quoted(decoded(message))}`
      : `gRPC status ${shown}`;
  }
}

function stateOutcome(state: ServingState): ProbeOutcome {
  return state === 'SERVING' ? passing(state) : failing(`${state}, expected SERVING`);
}

/** The message is text in percent-encoding. */
function decoded(message: string): string {
  try {
    return decodeURIComponent(message);
  } catch {
    return message;
  }
}
