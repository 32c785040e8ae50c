import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { codeOf } from '../../common/error-code.js';
import type { CheckTarget } from '../config/config.js';
import type { CheckType, Probe } from './check-type.js';
import { CLOSED, connectionProbe } from './connection.js';
import type { Connection } from './connection.js';
import { httpAnswerOf } from './http-answer.js';
import type { HttpAnswer } from './http-answer.js';
import { httpRequestOf } from './http-request.js';
import type { HttpRequest, HttpValue } from './http-request.js';
import { failing, seconds } from './probe-timer.js';
import { connectionReason, isReset } from './reasons.js';
import { Received } from './received.js';
import type { TlsSettings } from './tls.js';

const PORT = 80;

export const http: CheckType = {
  name: 'http',
  summary: 'status and, if given, body or header match',
  prepare: (target, settings) => httpProbe(target, settings, PORT, undefined),
};

/** A probe that asks a web server, over TLS where it has settings for that. */
export function httpProbe(
  target: CheckTarget,
  settings: HttpValue,
  usualPort: number,
  tls: TlsSettings | undefined,
): Probe {
  const question = httpRequestOf(settings, target, usualPort);
  const expected = httpAnswerOf(settings);
  return connectionProbe(target, tls, (connection) => {
    ask(connection, question, expected);
  });
}

/** As long as answers may be before their body begins. */
const MOST_HEAD = 65_536;

function ask(connection: Connection, question: HttpRequest, expected: HttpAnswer): void {
  const { body, ...options } = question;
  // The parser of HTTP tells when the connection is closed, after what has arrived before.
  connection.onClosed = () => undefined;
  const asked = request({
    ...options,
    createConnection: () => connection.socket,
    maxHeaderSize: MOST_HEAD,
  });
  let isAnswered = false;
  asked.on('response', (answer) => {
    isAnswered = true;
    connection.go(() => {
      const problem = expected.headProblem(answer);
      if (problem === undefined) readBody(connection, answer, expected);
      else connection.fail(problem);
    });
  });
  const switched = (answer: IncomingMessage): void => {
    const problem = expected.headProblem(answer) ?? expected.bodyProblem?.('');
    judge(connection, answer, problem);
  };
  asked.on('upgrade', switched);
  asked.on('connect', switched);
  asked.on('error', (error) => {
    connection.fail(reasonOf(error, CLOSED));
  });
  asked.on('close', () => {
    if (!isAnswered) connection.fail(CLOSED);
  });
  asked.end(body);
}

/** To its end, or as far as a check reads. */
function readBody(
  connection: Connection,
  answer: IncomingMessage,
  { bodyProblem }: HttpAnswer,
): void {
  const { timeoutMs } = connection;
  const received = new Received();
  const finish = (): void => {
    connection.go(() => {
      judge(connection, answer, bodyProblem?.(received.text));
    });
  };
  connection.lateOutcome = () => failing(`answer not complete in ${seconds(timeoutMs)}`);
  answer.on('data', (chunk: Buffer) => {
    received.add(chunk);
    if (received.isFull) finish();
  });
  answer.on('end', finish);
  answer.on('error', (error) => {
    connection.fail(reasonOf(error, INCOMPLETE));
  });
  answer.on('close', () => {
    connection.fail(INCOMPLETE);
  });
}

const INCOMPLETE = 'connection closed before the answer was complete';

function judge(
  connection: Connection,
  { statusCode = 0 }: IncomingMessage,
  problem: string | undefined,
): void {
  if (problem === undefined) connection.pass(`status ${statusCode}`);
  else connection.fail(problem);
}

function reasonOf(error: Error, closed: string): string {
  const code = codeOf(error);
  if (code === 'HPE_HEADER_OVERFLOW') return `more than ${MOST_HEAD / 1024} KiB of headers`;
  if (code.startsWith('HPE_')) return 'the answer is not valid HTTP';
  return isReset(error) || code !== 'ECONNRESET' ? connectionReason(error) : closed;
}
