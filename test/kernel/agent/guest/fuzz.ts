/** Called in the lab: sends the agent what no client should, and counts what it answers. */
import { connect } from 'node:net';
import type { NetConnectOpts, Socket } from 'node:net';

/** Where the agent answers: a socket's path, or a port of 127.0.0.1. */
export type Place = string | number;

/** How often there was each answer: its status, `closed` without one, or what was not HTTP. */
export type Answers = Record<string, number>;

/** Sound ones more often, so that most requests come as far as an answer. */
const METHODS = [
  ...['GET', 'GET', 'GET', 'GET', 'POST', 'POST', 'DELETE', 'DELETE', 'PUT', 'HEAD', 'OPTIONS'],
  ...['PATCH', 'get', 'G\tT', '\u0000'],
];
const PATHS = [
  ...['/', '/metrics', '/healthz', '/v1/status', '/v1/traffic', '/v1/events?follow=0'],
  ...['/v1/services/web', '/v1/drain', '/v1/maintenance', '/v1/reload', '*', 'http://x/v1/status'],
  ...['/v1/services/%ff', '/v1/traffic?services=', '/v1/events?since=-1', '/../../etc/passwd'],
];
const HOSTS = [
  ...['localhost', '127.0.0.1:9786', '[::1]', 'localhost:1', '127.0.0.1', 'evil.example', ''],
  ...['\u0001', 'x'.repeat(300)],
];
const BODIES = [
  ...['', '{}', '[]', '{"servers":["10.9.9.9:1"]}', '{"servers":[7]}', '{"__proto__":{"a":1}}'],
  ...['{"servers":', '\u0000'.repeat(100), '['.repeat(50_000), `"${'a'.repeat(70_000)}"`],
];

/** A generator that gives the same numbers for the same seed. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function requestBy(random: (below: number) => number): Buffer {
  const pick = <T>(all: readonly T[]): T => all[random(all.length)] as T;
  const headers = [`Host: ${pick(HOSTS)}`, 'Connection: close'];
  const body = pick(BODIES);
  switch (random(8)) {
    case 0:
    case 6:
    case 7:
      headers.push(`Content-Length: ${Buffer.byteLength(body)}`);
      break;
    case 1:
      headers.push('Content-Length: -1');
      break;
    case 2:
      headers.push('Transfer-Encoding: chunked', 'Content-Length: 3');
      break;
    case 3:
      headers.push('Transfer-Encoding: chunked');
      break;
    case 4:
      headers.push(`X-Long: ${'y'.repeat(random(12_000))}`, 'Last-Event-ID: \u00ff');
      break;
    default:
      headers.push('Upgrade: h2c', 'Expect: 100-continue');
  }
  const text = `${pick(METHODS)} ${pick(PATHS)} HTTP/1.${random(8) === 0 ? random(3) : 1}\r\n${headers.join('\r\n')}\r\n\r\n${body}`;
  const bytes = Buffer.from(text, 'latin1');
  // Bytes that changed on the way.
  for (let flips = random(6) === 0 ? random(20) : 0; flips > 0; flips -= 1) {
    bytes[random(bytes.length)] = random(256);
  }
  return random(10) === 0 ? bytes.subarray(0, random(bytes.length)) : bytes;
}

const target = (place: Place): NetConnectOpts =>
  typeof place === 'string' ? { path: place } : { port: place, host: '127.0.0.1' };

/** How long an answer may take before it counts as none. */
const ANSWER_MS = 60_000;

function exchange(place: Place, bytes: Buffer): Promise<string> {
  return new Promise((resolve) => {
    let start = '';
    const socket = connect(target(place), () => {
      socket.end(bytes);
    });
    const timer = setTimeout(() => {
      start = 'hangs';
      socket.destroy();
    }, ANSWER_MS);
    socket.on('data', (chunk) => {
      if (start.length < 100) start += chunk.toString('latin1');
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(answerIn(start));
    });
  });
}

const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n';

/** What follows a request and is no other one ends the connection, if need be before the answer. */
function answerIn(received: string): string {
  const start = received.startsWith(CONTINUE) ? received.slice(CONTINUE.length) : received;
  if (start === '') return 'closed';
  return (
    /^HTTP\/1\.1 (\d{3}) /.exec(start)?.[1] ?? `not HTTP: ${JSON.stringify(start.slice(0, 60))}`
  );
}

/** Sends many random requests, some at a time. */
export async function requests(place: Place, count: number, seed: number): Promise<Answers> {
  const random = randomFrom(seed);
  const answers: Answers = {};
  let left = count;
  const worker = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const answer = await exchange(place, requestBy(random));
      answers[answer] = (answers[answer] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: 16 }, worker));
  return answers;
}

let held: Socket[] = [];

/** Opens many connections and sends the beginning of a request on each, a byte at a time. */
export async function holdConnections(place: Place, count: number): Promise<number> {
  const opened = Array.from(
    { length: count },
    () =>
      new Promise<boolean>((resolve) => {
        const socket = connect(target(place));
        held.push(socket);
        let sent = 0;
        const timer = setInterval(() => {
          socket.write(
            'GET /v1/status HTTP/1.1\r\nHost: localhost\r\nX-Slow: '.charAt(sent) || 'y',
          );
          sent += 1;
        }, 250);
        socket.on('connect', () => {
          resolve(true);
        });
        socket.on('error', () => {
          resolve(false);
        });
        socket.on('close', () => {
          clearInterval(timer);
        });
      }),
  );
  return (await Promise.all(opened)).filter(Boolean).length;
}

/** How many of them the agent has not ended yet. */
export function heldConnections(): number {
  return held.filter((socket) => !socket.closed && !socket.readableEnded).length;
}

export function letGo(): void {
  for (const socket of held) socket.destroy();
  held = [];
}
