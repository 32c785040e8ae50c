/** The agent's socket: every route, and every way in which a request can be wrong. */
import { lstat, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { ControlError } from '../../../src/agent/control/control.js';
import { AgentRunningError, serveControl } from '../../../src/agent/control/server.js';
import { HostError } from '../../../src/host/host-error.js';
import { isInBun } from '../../support/bun/in-bun.js';
import {
  deadSocket,
  FakeAgent,
  PATIENT,
  serveFakeAgent,
  socketPath,
} from '../../support/fake-agent.js';
import { ask, exchange } from '../../support/http-exchange.js';

const servers = ['10.0.0.2:8080'];

describe('GET /v1/status and /v1/services', () => {
  test('the status is what the agent says', async () => {
    const { agent, socket } = await serveFakeAgent();
    const { status, headers, json } = await ask(socket, 'GET', '/v1/status');
    expect([status, json]).toEqual([200, agent.status()]);
    expect(headers).toMatchObject({ 'cache-control': 'no-store' });
  });

  test.each(['web', 'tcp:192.0.2.1:80', 'tcp%3A192.0.2.1%3A80', 'TCP%3a192.0.2.1%3a80'])(
    'a service is found as %s',
    async (selector) => {
      const { agent, socket } = await serveFakeAgent();
      const { status, json } = await ask(socket, 'GET', `/v1/services/${selector}`);
      expect([status, json]).toEqual([200, agent.services[0]]);
    },
  );

  test('a service of IPv6 is found too', async () => {
    const { agent, socket } = await serveFakeAgent();
    const selector = encodeURIComponent('udp:[2001:DB8::1]:53');
    const { json } = await ask(socket, 'GET', `/v1/services/${selector}`);
    expect(json).toEqual(agent.services[1]);
  });

  test.each([
    ['nothing', 404, 'the agent has no service nothing'],
    ['tcp:192.0.2.9:80', 404, 'the agent has no service tcp:192.0.2.9:80'],
    ['', 400, 'the path must end with a service'],
    ['10.0.0.2:8080', 400, 'the path must end with a service'],
    ['tcp:192.0.2.1', 400, 'the path must end with a service'],
    ['%E0%A4%A', 400, 'the path must end with a service'],
    ['%1B%5B2J', 400, 'the path must end with a service'],
    ['web/servers', 400, 'the path must end with a service'],
  ])('/v1/services/%s is answered with %i', async (selector, expected, text) => {
    const { socket } = await serveFakeAgent();
    const { status, json } = await ask(socket, 'GET', `/v1/services/${selector}`);
    expect([status, json]).toEqual([expected, { error: expect.stringContaining(text) as string }]);
  });
});

describe('what changes something', () => {
  const all = { servers, services: ['web', 'tcp:192.0.2.1:80'] };

  test.each([
    ['POST', '/v1/drain', 'drain', { ...all, timeoutSeconds: 300, delete: true }],
    ['POST', '/v1/drain', 'drain', { servers: ['10.0.0.2', '[2001:db8::2]:53'] }],
    ['DELETE', '/v1/drain', 'undrain', all],
    ['POST', '/v1/maintenance', 'startMaintenance', { ...all, reason: 'new disk' }],
    ['DELETE', '/v1/maintenance', 'endMaintenance', { servers }],
  ])('%s %s asks the agent to %s', async (method, path, what, body) => {
    const { agent, socket } = await serveFakeAgent();
    const { status, json } = await ask(socket, method, path, body);
    expect([status, json, agent.calls]).toEqual([200, {}, [[what, body]]]);
  });

  test('a refusal of the agent is 409, and 404 where something is not there', async () => {
    const { agent, socket } = await serveFakeAgent();
    agent.refusal = new ControlError('10.0.0.2:8080 is in maintenance');
    expect(await ask(socket, 'POST', '/v1/drain', { servers })).toMatchObject({
      status: 409,
      json: { error: '10.0.0.2:8080 is in maintenance' },
    });
    agent.refusal = new ControlError('no service has 10.0.0.2:8080', 'unknown');
    expect(await ask(socket, 'DELETE', '/v1/maintenance', { servers })).toMatchObject({
      status: 404,
      json: { error: 'no service has 10.0.0.2:8080' },
    });
  });

  test.each([
    [[], 'the body must be a JSON object'],
    ['7', 'the body must be a JSON object'],
    ['', 'servers must be a list of real servers'],
    ['{"servers": [', 'the body is not JSON'],
    [{ servers: [] }, 'servers must be a list of real servers'],
    [{ servers: '10.0.0.2:80' }, 'servers must be a list of texts'],
    [{ servers: [7] }, 'servers must be a list of texts'],
    [{ servers: ['web'] }, '"web" is not a real server'],
    [{ servers: ['\u001b[2J'] }, '"\\u001b[2J" is not a real server'],
    [{ servers: Array<string>(1001).fill('10.0.0.2:80') }, 'servers may have 1000 entries at most'],
    [{ servers, services: [] }, 'services must not be empty'],
    [{ servers, services: ['10.0.0.2:80'] }, '"10.0.0.2:80" is not a service'],
    [{ servers, services: ['tcp:'] }, '"tcp:" is not a service'],
    [{ servers, server: 1 }, 'unknown key "server"; the keys are servers, services'],
    [{ servers, timeoutSeconds: -1 }, 'timeoutSeconds must be a number from 0 to 604800'],
    [{ servers, timeoutSeconds: '5m' }, 'timeoutSeconds must be a number from 0 to 604800'],
    [{ servers, timeoutSeconds: 1e9 }, 'timeoutSeconds must be a number from 0 to 604800'],
    [{ servers, delete: 'yes' }, 'delete must be true or false'],
  ])('a drain is answered with 400: %#', async (body, text) => {
    const { agent, socket } = await serveFakeAgent();
    const { status, json } = await ask(socket, 'POST', '/v1/drain', body);
    expect([status, json]).toEqual([400, { error: expect.stringContaining(text) as string }]);
    expect(agent.calls).toEqual([]);
  });

  test('a body that is no text in UTF-8 is answered with 400', async () => {
    const { socket } = await serveFakeAgent();
    const head =
      'POST /v1/drain HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 2\r\n\r\n';
    const answer = await new Promise<string>((resolve) => {
      let text = '';
      const peer = connect(socket, () => {
        peer.write(head);
        peer.write(Buffer.from([0xff, 0xfe]));
      });
      peer.on('data', (chunk) => (text += String(chunk)));
      peer.on('close', () => {
        resolve(text);
      });
    });
    expect(answer).toMatch(/^HTTP\/1.1 400 [^]*"the body is not text in UTF-8"/);
  });

  test('a reason is a text that cannot control a terminal', async () => {
    const { agent, socket } = await serveFakeAgent();
    const long = { servers, reason: 'x'.repeat(1001) };
    expect(await ask(socket, 'POST', '/v1/maintenance', long)).toMatchObject({ status: 400 });
    expect(await ask(socket, 'POST', '/v1/maintenance', { servers, reason: 7 })).toMatchObject({
      status: 400,
    });
    await ask(socket, 'POST', '/v1/maintenance', { servers, reason: 'new \u001b[31mdisk\n' });
    expect(agent.calls).toEqual([['startMaintenance', { servers, reason: 'new ?[31mdisk?' }]]);
  });
});

describe('POST /v1/reload', () => {
  test('says that the configuration is valid', async () => {
    const { agent, socket } = await serveFakeAgent();
    for (const body of [{}, '']) {
      const { status, json } = await ask(socket, 'POST', '/v1/reload', body);
      expect([status, json]).toEqual([200, { configValid: true }]);
    }
    expect(agent.calls).toEqual([['reload'], ['reload']]);
  });

  test('says what is wrong with 422', async () => {
    const { agent, socket } = await serveFakeAgent();
    const problem = 'web.yaml:7:9: unknown key "intervall"';
    agent.reloaded = { configValid: false, problem };
    const { status, json } = await ask(socket, 'POST', '/v1/reload', {});
    expect([status, json]).toEqual([422, { configValid: false, problem, error: problem }]);
  });

  test('takes no settings', async () => {
    const { agent, socket } = await serveFakeAgent();
    const { status } = await ask(socket, 'POST', '/v1/reload', { file: '/etc/shadow' });
    expect([status, agent.calls]).toEqual([400, []]);
  });
});

describe('a request that cannot be answered', () => {
  test.each([
    ['POST', '/v1/status', 'GET'],
    ['DELETE', '/v1/services/web', 'GET'],
    ['HEAD', '/v1/events', 'GET'],
    ['GET', '/v1/drain', 'POST, DELETE'],
    ['PUT', '/v1/maintenance', 'POST, DELETE'],
    ['GET', '/v1/reload', 'POST'],
  ])('%s %s: 405, and which methods are allowed', async (method, path, allow) => {
    const { socket } = await serveFakeAgent();
    const answer = await ask(socket, method, path);
    expect([answer.status, answer.headers.allow]).toEqual([405, allow]);
  });

  test.each(['/', '/v1', '/v1/', '/v1/status/', '/v2/status', '/v1/services', '/metrics', '//'])(
    '%s: 404, and which paths there are',
    async (path) => {
      const { socket } = await serveFakeAgent();
      const { status, text } = await ask(socket, 'GET', path);
      expect([status, text]).toEqual([404, expect.stringContaining('/v1/status') as string]);
    },
  );

  test.each([
    '/v1/status?all=1',
    '/v1/services/web?x',
    '/v1/events?since=-1',
    '/v1/events?since=',
    '/v1/events?since=1&since=2',
    '/v1/events?since=1e3',
    '/v1/events?since=99999999999999999999',
    '/v1/events?follow=yes',
    '/v1/events?from=1',
  ])('%s: 400', async (path) => {
    const { socket } = await serveFakeAgent();
    expect(await ask(socket, 'GET', path)).toMatchObject({ status: 400 });
  });

  test('a body is read up to its limit, and whoever sends more is told so', async () => {
    const { agent, socket, errors } = await serveFakeAgent();
    const body = (bytes: number) => {
      const text = JSON.stringify({ servers, reason: '' });
      return text + ' '.repeat(bytes - text.length);
    };
    const most = 64 * 1024;
    expect(await ask(socket, 'POST', '/v1/maintenance', body(most))).toMatchObject({ status: 200 });
    // Bun's client fails when the connection ends before it has sent all, though the answer is there.
    const tooMany = isInBun ? [most + 1] : [most + 1, 8 * 2 ** 20];
    for (const bytes of tooMany) {
      expect(await ask(socket, 'POST', '/v1/maintenance', body(bytes))).toMatchObject({
        status: 413,
        json: { error: "a request's body may have 65536 bytes at most" },
      });
    }
    expect([agent.calls.length, errors]).toEqual([1, []]);
  });

  test.each([
    ['GET / HTTP/9\r\n\r\n', 400],
    ['\u0016\u0003\u0001\u0002\r\n\r\n', 400],
    [`GET /v1/status HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(20_000)}\r\n\r\n`, 431],
  ])('what is no request is answered: %#', async (text, status) => {
    const { socket } = await serveFakeAgent();
    const answer = await exchange(socket, text);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} [^]*{"error":".*"}\n$`));
  });

  test.each([
    'GET /v1/status HTTP/1.1\r\n',
    'POST /v1/drain HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{',
  ])('a request that does not arrive in time is ended with 408: %#', async (text) => {
    const { socket } = await serveFakeAgent(undefined, { limits: { requestMs: 200 } });
    expect(await exchange(socket, text)).toMatch(/^HTTP\/1.1 408 [^]*{"error":".*"}\n$/);
  });

  test('a mistake of the agent is 500, without what it was', async () => {
    const { agent, socket, errors } = await serveFakeAgent();
    const mistake = new TypeError('secret');
    agent.status = () => {
      throw mistake;
    };
    const { status, text } = await ask(socket, 'GET', '/v1/status');
    expect([status, text, errors]).toEqual([
      500,
      '{"error":"the agent has failed to answer; its log says why"}\n',
      [mistake],
    ]);
  });

  test('a client that goes away while it sends is no mistake', async () => {
    const { agent, socket, errors } = await serveFakeAgent();
    await new Promise<void>((resolve) => {
      const peer = connect(socket, () => {
        peer.write('POST /v1/drain HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{');
        peer.destroy();
      });
      peer.on('close', () => {
        resolve();
      });
    });
    expect(await ask(socket, 'GET', '/v1/status')).toMatchObject({ status: 200 });
    expect([agent.calls, errors]).toEqual([[], []]);
  });
});

describe('many clients', () => {
  test('200 at once get their answers', async () => {
    const { socket } = await serveFakeAgent();
    const answers = await Promise.all(
      Array.from({ length: 200 }, () => ask(socket, 'GET', '/v1/status')),
    );
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
  });

  test('more connections than the limit are closed, and later ones are served again', async () => {
    const { socket } = await serveFakeAgent(undefined, { limits: { connections: 3 } });
    const open = await Promise.all(
      Array.from({ length: 3 }, () => {
        return new Promise<ReturnType<typeof connect>>((resolve) => {
          const peer = connect(socket, () => {
            peer.write('GET /v1/status HTTP/1.1\r\nHost: x\r\n\r\n');
            peer.once('data', () => {
              resolve(peer);
            });
          });
        });
      }),
    );
    await expect(ask(socket, 'GET', '/v1/status')).rejects.toThrow(/hang up|ECONNRESET|EPIPE/);
    for (const peer of open) peer.destroy();
    await expect
      .poll(() => ask(socket, 'GET', '/v1/status').catch(() => ({ status: 0 })), PATIENT)
      .toMatchObject({ status: 200 });
  });
});

describe('the socket', () => {
  test('is for its owner and group alone, and goes when the agent ends', async () => {
    const { socket, server } = await serveFakeAgent();
    expect(((await lstat(socket)).mode & 0o7777).toString(8)).toBe('660');
    await server.close();
    await expect(lstat(socket)).rejects.toThrow('ENOENT');
  });

  test('in place of one whose agent has died is made anew', async () => {
    const socket = socketPath();
    await deadSocket(socket);
    expect((await lstat(socket)).isSocket()).toBe(true);
    await serveFakeAgent(undefined, { socket });
    expect(await ask(socket, 'GET', '/v1/status')).toMatchObject({ status: 200 });
  });

  test('of an agent that lives stays, and the error has its PID', async () => {
    const { socket } = await serveFakeAgent();
    const second = serveControl(new FakeAgent(), { socket });
    await expect(second).rejects.toThrow(AgentRunningError);
    await expect(second).rejects.toThrow('An agent (PID 4711) is running already');
    expect(await ask(socket, 'GET', '/v1/status')).toMatchObject({ status: 200 });
  });

  test('of something that answers otherwise stays, and the error has no PID', async () => {
    const socket = socketPath();
    const other = createServer((peer) => {
      peer.on('error', () => undefined);
      peer.resume().end('hello\n');
    });
    await new Promise<void>((resolve) => other.listen(socket, resolve));
    await expect(serveControl(new FakeAgent(), { socket })).rejects.toThrow(
      'An agent is running already',
    );
    await new Promise((resolve) => other.close(resolve));
  });

  test('does not take the place of a file', async () => {
    const socket = socketPath();
    await writeFile(socket, 'mine');
    await expect(serveControl(new FakeAgent(), { socket })).rejects.toThrow(
      /is not a socket\. Name another path with --socket/,
    );
  });

  test('has a path that the kernel can take', async () => {
    const socket = `/tmp/${'x'.repeat(120)}/agent.sock`;
    await expect(serveControl(new FakeAgent(), { socket })).rejects.toThrow('is too long');
  });

  test('of an agent that has been replaced meanwhile is left to the new one', async () => {
    const { socket, server } = await serveFakeAgent();
    await rm(socket);
    await serveFakeAgent(undefined, { socket });
    await server.close();
    expect(await ask(socket, 'GET', '/v1/status')).toMatchObject({ status: 200 });
  });

  test('makes its folder, and says so where it cannot', async () => {
    const base = socketPath();
    const socket = `${base}.d/deep/agent.sock`;
    await serveFakeAgent(undefined, { socket });
    expect(await ask(socket, 'GET', '/v1/status')).toMatchObject({ status: 200 });
    await writeFile(base, '');
    const below = serveControl(new FakeAgent(), { socket: `${base}/agent.sock` });
    await expect(below).rejects.toThrow(HostError);
  });

  test('is closed though a change is under way, whose client waits for ever', async () => {
    const { agent, socket, server } = await serveFakeAgent();
    agent.until = new Promise(() => undefined);
    const asked = ask(socket, 'POST', '/v1/drain', { servers });
    const failed = expect(asked).rejects.toThrow(/hang up|ECONNRESET/);
    await expect.poll(() => agent.calls.length, PATIENT).toBe(1);
    await server.close();
    await failed;
  });
});
