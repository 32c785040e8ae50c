/** The agent at an address: what it answers, and to whom. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parseListenAddress } from '../../../src/agent/listener/listen-address.js';
import { listen } from '../../../src/agent/listener/listener.js';
import { FakeAgent, PATIENT } from '../../support/fake-agent.js';
import { freePort } from '../../support/free-port.js';

async function served(agent = new FakeAgent(), limits = {}, address = '127.0.0.1') {
  const port = await freePort(address);
  const at = parseListenAddress(`${address}:${port}`);
  if (at === undefined) throw new Error('no address');
  const errors: unknown[] = [];
  const listener = await listen(agent, { at, limits, onError: (error) => errors.push(error) });
  onTestFinished(() => listener.close());
  return { agent, at, port, errors };
}

async function get(
  { port }: { readonly port: number },
  path: string,
  { host = '127.0.0.1', method = 'GET', headers = {} } = {},
) {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path, method, agent: false };
    request({ ...options, headers: { host, ...headers } }, resolve)
      .on('error', reject)
      .end();
  });
  let text = '';
  for await (const chunk of response) text += String(chunk);
  return { status: response.statusCode ?? 0, headers: response.headers, text };
}

describe('what it answers', () => {
  test('status, services, events and traffic as at the socket', async () => {
    const at = await served();
    at.agent.events.add({ type: 'agent', severity: 'info', reason: 'hello' });
    expect(JSON.parse((await get(at, '/v1/status')).text)).toEqual(at.agent.status());
    expect(JSON.parse((await get(at, '/v1/services/web')).text)).toEqual(at.agent.services[0]);
    expect((await get(at, '/v1/events?follow=0')).text).toContain('"reason":"hello"');
    expect(JSON.parse((await get(at, '/v1/traffic')).text)).toEqual(at.agent.traffic);
    await get(at, '/v1/traffic?services=tcp:192.0.2.1:80,udp:[2001:DB8::1]:53');
    expect(at.agent.reported).toEqual([undefined, ['tcp:192.0.2.1:80', 'udp:[2001:db8::1]:53']]);
  });

  test('metrics as Prometheus reads them, in pieces', async () => {
    const at = await served();
    at.agent.metrics = Array.from({ length: 20_000 }, (_, index) => `a{b="${index}"} 1\n`);
    const { headers, text } = await get(at, '/metrics');
    expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(text.split('\n').length).toBe(20_001);
  });

  test('healthz is 200, or 503 with the reason', async () => {
    const at = await served();
    expect((await get(at, '/healthz')).status).toBe(200);
    at.agent.failure = 'the table cannot be read';
    const { status, text } = await get(at, '/healthz');
    expect([status, JSON.parse(text)]).toEqual([503, { error: 'the table cannot be read' }]);
  });

  test('the page, with a policy that lets nothing else run', async () => {
    const { status, headers, text } = await get(await served(), '/');
    expect([status, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    expect(headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'sha256-/);
    expect(text).toMatch(/^<!doctype html>/i);
  });

  test('nothing that changes anything, whatever the method', async () => {
    const at = await served();
    for (const path of ['/v1/drain', '/v1/maintenance', '/v1/reload']) {
      for (const method of ['GET', 'POST', 'DELETE']) {
        expect((await get(at, path, { method })).status).toBe(404);
      }
    }
    for (const path of ['/', '/metrics', '/healthz', '/v1/status', '/v1/events', '/v1/traffic']) {
      expect((await get(at, path, { method: 'POST' })).status).toBe(405);
    }
    expect(at.agent.calls).toEqual([]);
  });

  test('no answer is for pages of others', async () => {
    const at = await served();
    for (const path of ['/', '/metrics', '/v1/status', '/nothing']) {
      const { headers } = await get(at, path, { headers: { origin: 'http://evil.example' } });
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'cross-origin-resource-policy': 'same-origin',
        'x-frame-options': 'DENY',
      });
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    }
  });

  test.each([
    ['/v1/traffic?services=web', 'services must be services'],
    ['/v1/traffic?services=', 'services must be services'],
    [`/v1/traffic?services=${'mark:7,'.repeat(100)}mark:8`, 'services may have 100 entries'],
    ['/v1/events?last=x', 'last must be a number of events'],
    ['/v1/events?last=1&since=1', 'since and last exclude each other'],
    ['/metrics?x=1', 'unknown parameter \\"x\\"'],
  ])('%s is answered with 400', async (path, text) => {
    const answer = await get(await served(), path);
    expect([answer.status, answer.text]).toEqual([400, expect.stringContaining(text) as string]);
  });

  test('the last events are sent with last=', async () => {
    const at = await served();
    for (const reason of ['one', 'two', 'three']) {
      at.agent.events.add({ type: 'agent', severity: 'info', reason });
    }
    const { text } = await get(at, '/v1/events?last=2&follow=0');
    expect(text).not.toContain('"one"');
    expect(text).toContain('"two"');
    expect((await get(at, '/v1/events?last=10&follow=0')).text).toContain('"one"');
  });
});

describe('to whom', () => {
  test.each([
    'localhost',
    'LOCALHOST:8080',
    'localhost.:1',
    '127.0.0.1',
    '127.9.9.9:80',
    '[::1]:9786',
  ])('a request for %s is answered', async (host) => {
    expect((await get(await served(), '/v1/status', { host })).status).toBe(200);
  });

  test.each(['evil.example', '192.0.2.1:9786', 'localhost.evil.example', '[::2]', 'a:b:c', '::1'])(
    'a request for "%s" is refused with 421',
    async (host) => {
      const { status, text } = await get(await served(), '/', { host });
      expect([status, text]).toEqual([421, expect.stringContaining('Host') as string]);
    },
  );

  test('the address that was connected to is answered, though the agent listens at all of them', async () => {
    const at = await served(new FakeAgent(), {}, '0.0.0.0');
    expect((await get(at, '/healthz', { host: `127.0.0.1:${at.port}` })).status).toBe(200);
    expect((await get(at, '/healthz', { host: '0.0.0.0' })).status).toBe(421);
  });
});

describe('how much', () => {
  test('a client that does not read a large answer keeps only its own waiting', async () => {
    const at = await served(new FakeAgent(), { large: 1, answerMs: 60_000 });
    at.agent.metrics = Array.from({ length: 2000 }, () => `${'# '.padEnd(32_000, 'x')}\n`);
    const slow = connect(at.port, '127.0.0.1');
    onTestFinished(() => void slow.destroy());
    slow.pause();
    slow.write('GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await expect.poll(async () => (await get(at, '/v1/status')).status, PATIENT).toBe(503);
    expect((await get(at, '/healthz')).status).toBe(200);
    slow.destroy();
    await expect.poll(async () => (await get(at, '/v1/status')).status, PATIENT).toBe(200);
  });

  test('a client that sends nothing, and one that does not take a small answer, are cut off too', async () => {
    const at = await served(new FakeAgent(), { connections: 1, requestMs: 300, answerMs: 300 });
    const silent = connect(at.port, '127.0.0.1');
    await once(silent, 'connect');
    await once(silent.resume(), 'close');
    const slow = connect(at.port, '127.0.0.1');
    slow.on('error', () => undefined);
    slow.pause();
    const page = 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n';
    slow.write(page.repeat(90));
    await once(slow, 'connect');
    // There is room for one: nobody else is answered before it is gone.
    const answered = () => get(at, '/healthz').then(({ status }) => status, String);
    await expect.poll(answered, PATIENT).toBe(200);
    slow.destroy();
  });

  test('a large answer that stalls again and again comes whole, and leaves no listeners behind', async () => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error) => warnings.push(warning);
    process.on('warning', onWarning);
    onTestFinished(() => void process.off('warning', onWarning));
    const at = await served();
    at.agent.metrics = Array.from({ length: 2000 }, () => `${'# '.padEnd(32_000, 'x')}\n`);
    expect((await get(at, '/metrics')).text.length).toBe(2000 * 32_001);
    expect(warnings).toEqual([]);
  });

  test('a client that never takes an answer is cut off', async () => {
    const at = await served(new FakeAgent(), { large: 1, answerMs: 300 });
    at.agent.metrics = Array.from({ length: 2000 }, () => `${'# '.padEnd(32_000, 'x')}\n`);
    const slow = connect(at.port, '127.0.0.1');
    slow.on('error', () => undefined);
    slow.pause();
    slow.write('GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await expect.poll(async () => (await get(at, '/v1/status')).status, PATIENT).toBe(503);
    await expect.poll(async () => (await get(at, '/v1/status')).status, PATIENT).toBe(200);
    slow.destroy();
  });
});

test('an address that is taken is an error with the address', async () => {
  const { at } = await served();
  await expect(listen(new FakeAgent(), { at })).rejects.toThrow(
    `Cannot listen on 127.0.0.1:${at.port}: Address already in use`,
  );
});

test.each([
  ['127.0.0.1:9786', '127.0.0.1', 9786],
  ['localhost:1', '127.0.0.1', 1],
  ['[::1]:65535', '::1', 65_535],
  ['[2001:DB8::1]:80', '2001:db8::1', 80],
  ['0.0.0.0:9786', '0.0.0.0', 9786],
])('%s is an address to listen at', (text, address, port) => {
  const at = parseListenAddress(text);
  expect([String(at?.address), at?.port]).toEqual([address, port]);
});

test.each([
  '',
  ':80',
  '127.0.0.1',
  '127.0.0.1:0',
  '127.0.0.1:65536',
  '::1:80',
  '[127.0.0.1]:80',
  'a:80',
  '1.2.3.4:x',
])('"%s" is not an address to listen at', (text) => {
  expect(parseListenAddress(text)).toBeUndefined();
});
