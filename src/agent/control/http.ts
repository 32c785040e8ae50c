import type { IncomingMessage, ServerResponse } from 'node:http';
import { jsonLine } from '../../common/json.js';
import { errorText } from '../../common/system-errors.js';

/** What a request can be answered with instead of what it asks for. */
export class HttpProblem extends Error {
  override readonly name = 'HttpProblem';
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  /** @param text a sentence for whoever has asked. */
  constructor(status: number, text: string, headers: Readonly<Record<string, string>> = {}) {
    super(text);
    this.status = status;
    this.headers = headers;
  }
}

/** A request, once its path is known to mean something. */
export interface ControlRequest {
  readonly message: IncomingMessage;
  /** What stands behind the route's path, decoded. */
  readonly rest: string;
  readonly query: URLSearchParams;
}

/** Answers with JSON. */
export function replyJson(
  response: ServerResponse,
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  const body = `${jsonLine(value)}\n`;
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    ...headers,
  });
  response.end(body);
}

/** What is read of the kernel's table. @throws HttpProblem when it cannot be read. */
export async function ofTable<T>(reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    throw new HttpProblem(503, `the table cannot be read: ${errorText(error)}`);
  }
}

/**
 * The JSON of a request's body; an empty one is an empty object.
 * @throws HttpProblem when it is too long, or no JSON.
 */
export async function readJsonBody(message: IncomingMessage, mostBytes: number): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  // Not destroyed: whoever sends too much is to read the answer. What is still to come is thrown away.
  const pieces = message.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>;
  for await (const chunk of pieces) {
    length += chunk.length;
    if (length > mostBytes) {
      throw new HttpProblem(413, `a request's body may have ${mostBytes} bytes at most`);
    }
    chunks.push(chunk);
  }
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    throw new HttpProblem(400, 'the body is not text in UTF-8');
  }
  if (text.trim() === '') return {};
  try {
    return JSON.parse(text);
  } catch {
    throw new HttpProblem(400, 'the body is not JSON');
  }
}

/** @throws HttpProblem when the query has another parameter, or one of them twice. */
export function checkQuery(query: URLSearchParams, names: readonly string[]): void {
  for (const name of new Set(query.keys())) {
    if (!names.includes(name)) {
      const known = names.length === 0 ? 'it takes none' : `it takes ${names.join(' and ')}`;
      throw new HttpProblem(400, `unknown parameter ${JSON.stringify(name)}; ${known}`);
    }
    if (query.getAll(name).length > 1) {
      throw new HttpProblem(400, `the parameter ${name} is there more than once`);
    }
  }
}
