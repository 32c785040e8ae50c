/** What checks say to servers, and what they make of the answers. */
import { TLSSocket } from 'node:tls';
import type { Socket } from 'node:net';
import { afterAll, describe, expect, test } from 'vitest';
import { Certificates } from '../../support/certificates.js';
import { CheckServer, drip, lines, probeOf } from '../../support/check-servers.js';
import type { Behaviour } from '../../support/check-servers.js';

const PATIENT = '100s';
const WEB = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';

const made = await Certificates.make();
afterAll(() => made[Symbol.asyncDispose]());
const identity = async () => ({ key: await made.text('key'), cert: await made.text('good') });

/** What a web server is sent by a check. */
async function requestOf(check: object, host?: string): Promise<string> {
  let received = '';
  await using server = await CheckServer.start(
    (socket) => {
      socket.on('data', (chunk: Buffer) => {
        received += chunk.toString();
        if (received.includes('\r\n\r\n')) socket.write(WEB);
      });
    },
    undefined,
    host,
  );
  const probe = probeOf({ type: 'http', timeout: PATIENT, ...check }, server.port, host);
  expect(await probe.run()).toEqual({ passing: true, reason: 'status 200' });
  return received.replaceAll(String(server.port), 'PORT');
}

describe('http', () => {
  test('asks for / of the address', async () => {
    expect((await requestOf({})).split('\r\n')).toEqual([
      ...['GET / HTTP/1.1', 'Host: 127.0.0.1:PORT', 'User-Agent: ipvs-agent', 'Accept: */*'],
      ...['Connection: close', '', ''],
    ]);
  });

  test('asks for what its settings say, and a header that is set comes in the place of its own', async () => {
    const check = { method: 'POST', path: '/ä?a=b', host: 'www.example.com', body: 'bodü' };
    const headers = { 'user-agent': 'mine', 'X-Ü': 'no' };
    await expect(requestOf({ ...check, headers })).rejects.toThrow(
      'cannot be the name of a header',
    );
    const text = await requestOf({ ...check, headers: { 'user-agent': 'mine', 'X-A': 'ü' } });
    expect(text.split('\r\n')).toEqual([
      ...['POST /%C3%A4?a=b HTTP/1.1', 'Host: www.example.com', 'user-agent: mine', 'Accept: */*'],
      ...['Connection: close', 'Content-Length: 5', 'X-A: ü', '', 'bodü'],
    ]);
  });

  test('names an IPv6 address in brackets', async () => {
    expect(await requestOf({}, '::1')).toContain('\r\nHost: [::1]:PORT\r\n');
  });

  test('has an end when the server answers and never reads what it is sent', async () => {
    await using server = await CheckServer.start((socket) => {
      socket.write(WEB);
      socket.pause();
    });
    const check = { type: 'http', method: 'POST', body: 'x'.repeat(20_000_000), timeout: PATIENT };
    expect(await probeOf(check, server.port).run()).toMatchObject({ passing: true });
  });

  test('may have to do with a reset in the midst of an answer', async () => {
    await using server = await CheckServer.start((socket) => {
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx', () =>
          socket.resetAndDestroy(),
        );
      });
    });
    const { passing, reason } = await probeOf({ type: 'http' }, server.port).run();
    expect(passing).toBe(false);
    expect(reason).toMatch(/^connection (?:reset|closed before the answer was complete)$/);
  });
});

describe('https', () => {
  /** The name that a server is asked for, and whether it is shown a certificate. */
  async function told(check: object) {
    const found = { name: '' as unknown, isKnown: false };
    const tls = { ...(await identity()), requestCert: true, ca: await made.text('ca') };
    const behave: Behaviour = (socket) => {
      if (!(socket instanceof TLSSocket)) throw new Error('no TLS');
      Object.assign(found, { name: Reflect.get(socket, 'servername'), isKnown: socket.authorized });
      socket.once('data', () => socket.end(WEB));
    };
    await using server = await CheckServer.start(behave, { ...tls, rejectUnauthorized: false });
    const files = { type: 'https', ca: made.path('ca'), timeout: PATIENT };
    const outcome = await probeOf({ ...files, ...check }, server.port).run();
    return { ...found, reason: outcome.reason };
  }

  test('asks for no name, and holds the address against the certificate', async () => {
    expect(await told({})).toEqual({ name: false, isKnown: false, reason: 'status 200' });
  });

  test('asks for the host, or for the server name', async () => {
    expect(await told({ host: 'www.example.com:8443' })).toMatchObject({ name: 'www.example.com' });
    const check = { host: 'x', serverName: 'www.example.com' };
    expect(await told(check)).toMatchObject({ name: 'www.example.com', reason: 'status 200' });
  });

  test('shows a certificate of its own', async () => {
    const check = { clientCertificate: made.path('own.pem') };
    expect(await told(check)).toMatchObject({ isKnown: true, reason: 'status 200' });
  });
});

describe('smtp', () => {
  async function said(check: object, behave: (note: (text: string) => void) => Behaviour) {
    const received: string[] = [];
    await using server = await CheckServer.start(behave((text) => received.push(text)));
    const keys = { type: 'smtp', ca: made.path('ca'), timeout: PATIENT };
    const { reason } = await probeOf({ ...keys, ...check }, server.port).run();
    return { received, reason };
  }

  test('introduces itself by its address, or by the name that is set', async () => {
    const mail =
      (note: (text: string) => void): Behaviour =>
      (socket) => {
        socket.on('data', (chunk) => {
          note(chunk.toString());
        });
        lines('220-mail\r\n220 ready\r\n', '250 mail\r\n', '221 bye\r\n')(socket);
      };
    const { received } = await said({}, mail);
    expect(received).toEqual(['EHLO [127.0.0.1]\r\n', 'QUIT\r\n']);
    const other = await said({ hello: 'x.example.com' }, mail);
    expect(other.received[0]).toBe('EHLO x.example.com\r\n');
  });

  /** A mail server with STARTTLS. */
  const secure =
    (tls: object) =>
    (note: (text: string) => void): Behaviour =>
    (socket: Socket) => {
      socket.write('220 mail\r\n');
      const plain = (chunk: Buffer): void => {
        note(chunk.toString());
        if (chunk.toString().startsWith('EHLO')) socket.write('250-mail\r\n250 STARTTLS\r\n');
        else {
          socket.removeListener('data', plain);
          socket.write('220 go\r\n');
          const inside = new TLSSocket(socket, { isServer: true, ...tls });
          inside.on('error', () => undefined);
          inside.on('data', (line: Buffer) => {
            note(`tls ${line.toString()}`);
            inside.write('250 well\r\n');
          });
        }
      };
      socket.on('data', plain);
    };

  test('goes on in TLS, and greets again', async () => {
    const check = { startTls: true, hello: 'x', serverName: 'www.example.com' };
    const { received, reason } = await said(check, secure(await identity()));
    expect(reason).toBe('all replies are positive');
    expect(received).toEqual(['EHLO x\r\n', 'STARTTLS\r\n', 'tls EHLO x\r\n', 'tls QUIT\r\n']);
  });

  test('holds against the certificate whatever a web server would have to answer for', async () => {
    const check = { startTls: true, hello: 'x', serverName: 'mail.example.com' };
    const { received, reason } = await said(check, secure(await identity()));
    expect(reason).toContain('certificate is for www.example.com, 127.0.0.1');
    expect(reason).toContain('not mail.example.com');
    expect(received).toEqual(['EHLO x\r\n', 'STARTTLS\r\n']);
  });
});

describe('tcp', () => {
  test('sends bytes, and waits for all of an answer', async () => {
    let received = '';
    await using server = await CheckServer.start((socket) => {
      socket.once('data', (chunk: Buffer) => {
        received = chunk.toString('hex');
        drip(socket, 'x'.repeat(2000) + 'é ready');
      });
    });
    const check = { type: 'tcp', send: { hex: '00ff0d' }, expect: 'é ready$', timeout: PATIENT };
    const outcome = await probeOf(check, server.port).run();
    expect(outcome).toEqual({ passing: true, reason: 'answer matches "é ready$"' });
    expect(received).toBe('00ff0d');
  });

  test('sends without waiting for an answer', async () => {
    const received: string[] = [];
    await using server = await CheckServer.start((socket) => {
      socket.on('data', (chunk: Buffer) => received.push(chunk.toString()));
    });
    const check = { type: 'tcp', send: 'hello', timeout: PATIENT };
    expect(await probeOf(check, server.port).run()).toMatchObject({ passing: true });
    await expect.poll(() => received).toEqual(['hello']);
  });

  test('comes from the address that is set', async () => {
    let from: string | undefined;
    await using server = await CheckServer.start((socket) => {
      from = socket.remoteAddress;
      socket.write('x');
    });
    const check = { type: 'tcp', expect: 'x', source: '127.0.0.9', timeout: PATIENT };
    expect(await probeOf(check, server.port).run()).toMatchObject({ passing: true });
    expect(from).toBe('127.0.0.9');
    expect(await probeOf({ ...check, source: '192.0.2.99' }, server.port).run()).toEqual({
      passing: false,
      reason: 'there is no address or no port here to ask from',
    });
  });

  test('speaks to IPv6', async () => {
    await using server = await CheckServer.start(() => undefined, undefined, '::1');
    const probe = probeOf({ type: 'tcp', timeout: PATIENT }, server.port, '::1');
    expect(await probe.run()).toEqual({ passing: true, reason: 'connected' });
  });

  test('can be asked again and again, and ended while it waits', async () => {
    await using server = await CheckServer.start((socket) => socket.write('no'));
    const probe = probeOf({ type: 'tcp', expect: 'x', timeout: PATIENT }, server.port);
    const runs = [probe.run(), probe.run()];
    await expect.poll(() => server.connections).toBe(2);
    probe.close?.();
    for (const { passing } of await Promise.all(runs)) expect(passing).toBe(false);
    await expect.poll(() => server.connections).toBe(0);
  });
});
