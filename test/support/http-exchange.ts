import { connect } from 'node:net';
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
  readonly json: unknown;
}

/** Asks as any HTTP client does. */
export async function ask(
  socketPath: string,
  method: string,
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const text = typeof body === 'string' || body === undefined ? body : JSON.stringify(body);
  const length = text === undefined ? {} : { 'content-length': String(Buffer.byteLength(text)) };
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const options = { socketPath, method, path, agent: false, headers: { ...length, ...headers } };
    request(options, resolve).on('error', reject).end(text);
  });
  let received = '';
  for await (const chunk of response) received += String(chunk);
  const isJson =
    received !== '' && response.headers['content-type']?.startsWith('application/json') === true;
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    text: received,
    json: isJson ? (JSON.parse(received) as unknown) : undefined,
  };
}

/** Sends bytes, and waits until the server ends the connection. */
export function exchange(socketPath: string, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let received = '';
    const socket = connect(socketPath, () => socket.write(text));
    socket.on('data', (chunk) => (received += String(chunk)));
    socket.on('error', reject);
    socket.on('close', () => {
      resolve(received);
    });
  });
}
