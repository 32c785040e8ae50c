import { once } from 'node:events';
import { createSecureServer } from 'node:http2';
import type { Http2Session, ServerHttp2Stream } from 'node:http2';
import { createServer as createTcpServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { TlsOptions } from 'node:tls';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { grpc } from '../../../src/agent/checks/grpc.js';
import { Certificates } from '../../support/certificates.js';
import { targetOf } from './probe-target.js';

/** The standard health service of gRPC, in TLS. */

const made = await Certificates.make();
afterAll(() => made[Symbol.asyncDispose]());

const tls = { tls: true, ca: made.path('ca') };
const failed = (reason: string) => ({ passing: false, reason });

async function optionsOf(name: 'good' | 'expired' | 'other' | 'self'): Promise<TlsOptions> {
  const key = await made.text(name === 'self' ? 'self.key' : 'key');
  return { key, cert: await made.text(name) };
}

async function ask(server: Server, settings: Readonly<Record<string, unknown>> = {}) {
  server.listen({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return await grpc.prepare(targetOf('127.0.0.1', port), { ...tls, ...settings }).run();
}

/** Says SERVING, and keeps which name was asked for. */
async function healthServer(name: Parameters<typeof optionsOf>[0], asked: string[] = []) {
  const server = createSecureServer(await optionsOf(name));
  server.on('session', (session: Http2Session) => session.on('error', () => undefined));
  server.on('stream', (stream: ServerHttp2Stream, headers) => {
    asked.push(String(headers[':authority']));
    stream.respond(
      { ':status': 200, 'content-type': 'application/grpc+proto' },
      { waitForTrailers: true },
    );
    stream.on('wantTrailers', () => {
      stream.sendTrailers({ 'grpc-status': '0' });
    });
    stream.end(Buffer.of(0, 0, 0, 0, 2, 8, 1));
  });
  return server;
}

test('a server with a good certificate passes', async () => {
  const asked: string[] = [];
  const server = await healthServer('good', asked);
  expect(await ask(server, { serverName: 'www.example.com' })).toEqual({
    passing: true,
    reason: 'SERVING',
  });
  expect(asked).toEqual(['www.example.com']);
});

test('a server with a certificate of another name fails, and is not asked', async () => {
  const asked: string[] = [];
  const outcome = await ask(await healthServer('other', asked));
  expect(outcome.passing).toBe(false);
  expect(outcome.reason).toContain('127.0.0.1');
  expect(asked).toEqual([]);
});

test('any certificate passes where it is not verified', async () => {
  expect(await ask(await healthServer('expired'), { verify: false })).toMatchObject({
    passing: true,
  });
});

test('a server that does not know HTTP/2 in TLS fails', async () => {
  expect(await ask(createTlsServer(await optionsOf('good')))).toEqual(
    failed('the server does not offer HTTP/2 in TLS'),
  );
});

test('a server that wants another protocol in TLS fails', async () => {
  const server = createTlsServer({ ...(await optionsOf('good')), ALPNProtocols: ['http/1.1'] });
  const { passing, reason } = await ask(server);
  expect(passing).toBe(false);
  expect(reason).toMatch(/^TLS handshake failed: .*no.application.protocol/);
});

test('a server that does not speak TLS fails', async () => {
  const server = createTcpServer((socket) => {
    socket.on('error', () => undefined).end('HTTP/1.1 400 Bad Request\r\n\r\n');
  });
  expect(await ask(server)).toEqual(failed('the server does not speak TLS'));
});
