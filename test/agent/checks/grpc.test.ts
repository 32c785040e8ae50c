import { once } from 'node:events';
import { createServer as createHttp2Server } from 'node:http2';
import type { Http2Session, ServerHttp2Stream, IncomingHttpHeaders } from 'node:http2';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { CheckTarget } from '../../../src/agent/config/config.js';
import { grpc } from '../../../src/agent/checks/grpc.js';
import { CLOSED } from '../../../src/agent/checks/connection.js';
import { isInBun } from '../../support/bun/in-bun.js';
import { targetOf } from './probe-target.js';
import { freeTcpPort, resetSocket } from './tcp-server.js';

type Settings = Readonly<Record<string, unknown>>;
type Answering = (stream: ServerHttp2Stream, request: Buffer, headers: IncomingHttpHeaders) => void;

const failed = (reason: string) => ({ passing: false, reason });
const passed = (reason: string) => ({ passing: true, reason });
const soon = { timeoutMs: 300 };

async function listen(server: Server, address: string): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  server.listen({ host: address, port: 0 });
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** A server that speaks HTTP/2, and calls back when a request has come in. */
async function ask(
  answering: Answering,
  settings: Settings = {},
  more: Partial<CheckTarget> = {},
  address = '127.0.0.1',
) {
  const server = createHttp2Server();
  server.on('session', (session: Http2Session) => session.on('error', () => undefined));
  server.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    const pieces: Buffer[] = [];
    stream
      .on('error', () => undefined)
      .on('data', (piece: Buffer) => pieces.push(piece))
      .on('end', () => {
        answering(stream, Buffer.concat(pieces), headers);
      });
  });
  const port = await listen(server, address);
  return await grpc.prepare(targetOf(address, port, more), settings).run();
}

/** A server that says what it likes on a connection. */
async function askRaw(talk: (socket: Socket) => void, more: Partial<CheckTarget> = {}) {
  const port = await listen(createServer(talk), '127.0.0.1');
  return await grpc.prepare(targetOf('127.0.0.1', port, more), {}).run();
}

function frame(...message: readonly number[]): Buffer {
  const header = Buffer.alloc(5);
  header.writeUInt32BE(message.length, 1);
  return Buffer.concat([header, Buffer.from(message)]);
}

const headers = { ':status': 200, 'content-type': 'application/grpc' };

/** An answer as it should be, with these trailers. */
const answer =
  (body: Buffer, trailers: Readonly<Record<string, string>> = { 'grpc-status': '0' }): Answering =>
  (stream) => {
    stream.respond(headers, { waitForTrailers: true });
    stream.on('wantTrailers', () => {
      stream.sendTrailers(trailers);
    });
    stream.end(body);
  };

const refusal =
  (status: string, message?: string): Answering =>
  (stream) => {
    const more = {
      'grpc-status': status,
      ...(message !== undefined && { 'grpc-message': message }),
    };
    stream.respond({ ...headers, ...more }, { endStream: true });
  };

const SERVING = frame(8, 1);

describe.each(['127.0.0.1', '::1'])('a server on %s', (address) => {
  test('passes when it says SERVING', async () => {
    expect(await ask(answer(SERVING), {}, {}, address)).toEqual(passed('SERVING'));
  });

  test('fails when nobody listens', async () => {
    const port = await freeTcpPort(address);
    expect(await grpc.prepare(targetOf(address, port), {}).run()).toEqual(
      failed('connection refused'),
    );
  });

  test('fails when it is silent', async () => {
    expect(await ask(() => undefined, {}, soon, address)).toEqual(failed('no answer in 0.3 s'));
  });
});

describe('the request', () => {
  async function requestFor(settings: Settings, more: Partial<CheckTarget> = {}) {
    let seen: { readonly body: string; readonly headers: IncomingHttpHeaders } | undefined;
    await ask(
      (stream, body, found) => {
        seen = { body: body.toString('hex'), headers: found };
        answer(SERVING)(stream, body, found);
      },
      settings,
      more,
    );
    return seen;
  }

  test('asks for the server as a whole', async () => {
    expect(await requestFor({}, { timeoutMs: 50_000 })).toMatchObject({
      body: '0000000000',
      headers: {
        ':method': 'POST',
        ':scheme': 'http',
        ':path': '/grpc.health.v1.Health/Check',
        ':authority': expect.stringMatching(/^127\.0\.0\.1:\d+$/) as string,
        'content-type': 'application/grpc',
        te: 'trailers',
        'grpc-timeout': '50000m',
      },
    });
  });

  test('asks for a service', async () => {
    expect(await requestFor({ service: 'a.b' })).toMatchObject({ body: '00000000050a03612e62' });
    const name = 'x'.repeat(300);
    expect(await requestFor({ service: name })).toMatchObject({
      body: `000000012f0aac02${'78'.repeat(300)}`,
    });
  });

  test('asks once each time', async () => {
    let asked = 0;
    const server = createHttp2Server();
    server.on('stream', (stream: ServerHttp2Stream) => {
      asked += 1;
      answer(SERVING)(stream, Buffer.alloc(0), {});
    });
    const probe = grpc.prepare(targetOf('127.0.0.1', await listen(server, '127.0.0.1')), {});
    for (let turn = 1; turn <= 3; turn += 1) {
      expect(await probe.run()).toEqual(passed('SERVING'));
      expect(asked).toBe(turn);
    }
  });
});

describe('what the service says', () => {
  test.each<[string, Buffer, ReturnType<typeof failed>]>([
    ['SERVING', frame(8, 1), passed('SERVING')],
    ['SERVING, in a longer form', frame(8, 0x81, 0), passed('SERVING')],
    [
      'SERVING, after fields of a later version',
      frame(0x12, 2, 1, 2, 0x1d, 1, 2, 3, 4, 8, 1),
      passed('SERVING'),
    ],
    ['SERVING, which overrides what came before', frame(8, 2, 8, 1), passed('SERVING')],
    ['NOT_SERVING', frame(8, 2), failed('NOT_SERVING, expected SERVING')],
    ['SERVICE_UNKNOWN', frame(8, 3), failed('SERVICE_UNKNOWN, expected SERVING')],
    ['UNKNOWN', frame(8, 0), failed('UNKNOWN, expected SERVING')],
    ['nothing, which is UNKNOWN', frame(), failed('UNKNOWN, expected SERVING')],
    ['a state that is not known', frame(8, 4), failed('answer is malformed')],
    [
      'a number without end',
      frame(8, ...Array<number>(11).fill(0xff)),
      failed('answer is malformed'),
    ],
    ['a number that is cut', frame(8, 0x81), failed('answer is malformed')],
    ['text in place of the state', frame(10, 1, 1), failed('answer is malformed')],
    ['a field that is cut', frame(0x12, 9, 1), failed('answer is malformed')],
    ['a field of an unknown type', frame(0x0b, 1), failed('answer is malformed')],
    [
      'a compressed message',
      Buffer.concat([Buffer.of(1), frame(8, 1).subarray(1)]),
      failed('answer is malformed'),
    ],
    ['two messages', Buffer.concat([frame(8, 1), frame(8, 1)]), failed('answer is malformed')],
    ['half a message', frame(8, 1).subarray(0, 6), failed('answer is malformed')],
    ['no message', Buffer.alloc(0), failed('answer has no message')],
    ['too much', Buffer.alloc(1025), failed('answer is too long')],
  ])('%s', async (_what, body, outcome) => {
    expect(await ask(answer(body))).toEqual(outcome);
  });
});

describe('a refusal is told', () => {
  test.each<[string, Answering, Settings, string]>([
    [
      'an unknown service',
      refusal('5'),
      { service: 'a.b' },
      'the health service does not know "a.b"',
    ],
    [
      'no state of the server as a whole',
      refusal('5', 'unknown service'),
      {},
      'the health service knows no state of the server as a whole; set "service"',
    ],
    ['no health service', refusal('12'), {}, 'the server has no health service'],
    ['another status', refusal('14'), {}, 'gRPC status 14 UNAVAILABLE'],
    [
      'a status at the end',
      answer(SERVING, { 'grpc-status': '13' }),
      {},
      'gRPC status 13 INTERNAL',
    ],
    [
      'a message',
      refusal('16', 'who%20are you%1b?'),
      {},
      'gRPC status 16 UNAUTHENTICATED: "who are you\\u001b?"',
    ],
    ['a message that is encoded wrongly', refusal('2', '%zz'), {}, 'gRPC status 2 UNKNOWN: "%zz"'],
    ['a status that is none', refusal('99'), {}, 'gRPC status "99"'],
    ['no status', answer(SERVING, { other: 'x' }), {}, 'answer ends without a gRPC status'],
    [
      'another HTTP status',
      (stream) => {
        stream.respond({ ':status': 404 }, { endStream: true });
      },
      {},
      'HTTP status 404, expected 200',
    ],
    [
      'a page',
      (stream) => {
        stream.respond({ ':status': 200, 'content-type': 'text/html' });
        stream.end('<html>');
      },
      {},
      'answer is not gRPC, its content type is "text/html"',
    ],
  ])('%s', async (_what, answering, settings, reason) => {
    expect(await ask(answering, settings)).toEqual(failed(reason));
  });
});

describe('a server that misbehaves fails', () => {
  test.each<[string, Answering, string]>([
    [
      'resets the request',
      (stream) => {
        stream.close(7);
      },
      'the server gave up the request: REFUSED_STREAM',
    ],
    [
      'ends the answer midway',
      (stream) => {
        stream.respond(headers);
        stream.write(SERVING.subarray(0, 3), () => {
          stream.end();
        });
      },
      'answer ends without a gRPC status',
    ],
    [
      'says goodbye',
      (stream) => {
        stream.session?.goaway(11);
      },
      'the server closed the connection: ENHANCE_YOUR_CALM',
    ],
    [
      'says goodbye and closes',
      (stream) => {
        stream.session?.goaway(0, 0);
        stream.session?.destroy();
      },
      'connection closed without an answer',
    ],
    [
      'closes the connection',
      (stream) => {
        stream.session?.destroy();
      },
      'connection closed without an answer',
    ],
    [
      'sends without end',
      (stream) => {
        stream.respond(headers);
        const more = () => {
          if (!stream.destroyed) stream.write(Buffer.alloc(16_384), more);
        };
        more();
      },
      'answer is too long',
    ],
  ])('that %s', async (_what, answering, reason) => {
    expect(await ask(answering)).toEqual(failed(reason));
  });

  test.each<[string, (socket: Socket) => void, string]>([
    [
      'speaks HTTP/1',
      (socket) => socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')),
      'the server does not speak HTTP/2',
    ],
    [
      'greets first',
      (socket) => socket.write('220 mail ESMTP\r\n'),
      'the server does not speak HTTP/2',
    ],
    ['closes at once', (socket) => socket.end(), 'connection closed without an answer'],
    [
      'resets',
      (socket) =>
        socket.once('data', () => {
          resetSocket(socket);
        }),
      'connection reset',
    ],
  ])('that %s', async (_what, talk, reason) => {
    const { passing, reason: said } = await askRaw(talk);
    expect(passing).toBe(false);
    // Bun does not always say how the connection of HTTP/2 ended.
    const isVague = isInBun && reason === 'connection reset' && said === CLOSED;
    expect(said).toBe(isVague ? CLOSED : reason);
  });

  test('that never says a word', async () => {
    expect(await askRaw(() => undefined, soon)).toEqual(failed('no answer in 0.3 s'));
  });

  test('that answers without end', async () => {
    const endless: Answering = (stream) => {
      stream.respond(headers);
      const more = setInterval(() => {
        if (stream.destroyed) clearInterval(more);
        else stream.write(Buffer.of(0));
      }, 20);
    };
    expect(await ask(endless, {}, soon)).toEqual(failed('no answer in 0.3 s'));
  });
});

test('a check ends when it is closed', async () => {
  const port = await listen(createServer(), '127.0.0.1');
  const probe = grpc.prepare(targetOf('127.0.0.1', port), {});
  const outcome = probe.run();
  probe.close?.();
  expect(await outcome).toEqual(failed('the check has ended'));
});
