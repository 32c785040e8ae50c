/** The typed client of the agent's socket. */
import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import { describe, expect, onTestFinished, test } from 'vitest';
import { AgentClient, AgentError } from '../../../src/agent/control/client.js';
import { ControlError } from '../../../src/agent/control/control.js';
import { serveFakeAgent, socketPath } from '../../support/fake-agent.js';

const servers = ['10.0.0.2:8080'];

async function allOf<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** Something at a socket that answers as it is told. */
async function impostor(listener: RequestListener): Promise<AgentClient> {
  const socket = socketPath();
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return new AgentClient({ socket, timeoutMs: 200 });
}

describe('a client of the agent', () => {
  test('asks for the status, and for one service', async () => {
    const { agent, socket } = await serveFakeAgent();
    const client = new AgentClient({ socket });
    expect(await client.status()).toEqual(agent.status());
    expect(await client.service('udp:[2001:db8::1]:53')).toEqual(agent.services[1]);
    await expect(client.service('nothing')).rejects.toMatchObject({ code: 'REFUSED', status: 404 });
  });

  test('drains, takes that back, begins and ends maintenance', async () => {
    const { agent, socket } = await serveFakeAgent();
    const client = new AgentClient({ socket });
    await client.drain({ servers, services: ['web'], timeoutSeconds: 60, delete: true });
    await client.undrain({ servers });
    await client.startMaintenance({ servers, reason: 'new disk' });
    await client.endMaintenance({ servers, services: ['web'] });
    expect(agent.calls).toEqual([
      ['drain', { servers, services: ['web'], timeoutSeconds: 60, delete: true }],
      ['undrain', { servers }],
      ['startMaintenance', { servers, reason: 'new disk' }],
      ['endMaintenance', { servers, services: ['web'] }],
    ]);
  });

  test('says what the agent refuses, in its words', async () => {
    const { agent, socket } = await serveFakeAgent();
    agent.refusal = new ControlError('no service has 10.0.0.9:80', 'unknown');
    const asked = new AgentClient({ socket }).drain({ servers: ['10.0.0.9:80'] });
    await expect(asked).rejects.toThrow(AgentError);
    await expect(asked).rejects.toMatchObject({
      message: 'The agent refuses: no service has 10.0.0.9:80.',
      code: 'REFUSED',
      status: 404,
    });
  });

  test('says whether a reload has worked', async () => {
    const { agent, socket } = await serveFakeAgent();
    const client = new AgentClient({ socket });
    expect(await client.reload()).toEqual({ configValid: true });
    agent.reloaded = { configValid: false, problem: 'web.yaml:7:9: unknown key' };
    expect(await client.reload()).toEqual(agent.reloaded);
  });

  test('gives the events there are, and those behind a number', async () => {
    const { agent, socket } = await serveFakeAgent();
    const added = ['up', 'down'].map((to) =>
      agent.events.add({ type: 'server', severity: 'info', server: '10.0.0.2:80', to }),
    );
    const client = new AgentClient({ socket });
    expect(await allOf(client.events())).toEqual(added);
    expect(await allOf(client.events({ since: 1 }))).toEqual(added.slice(1));
    await expect(client.events({ since: -1 }).next()).rejects.toThrow(RangeError);
  });
});

describe('where no agent answers', () => {
  test('says how to start one', async () => {
    const client = new AgentClient({ socket: socketPath() });
    await expect(client.status()).rejects.toMatchObject({
      code: 'NO_AGENT',
      message: expect.stringMatching(
        /^No agent is running: .* To start it: systemctl start ipvs-agent$/,
      ) as string,
    });
    await expect(client.events({ follow: true }).next()).rejects.toMatchObject({
      code: 'NO_AGENT',
    });
  });

  test.each<[string, RequestListener]>([
    ['text', (_, response) => response.end('hello')],
    ['a list', (_, response) => response.end('[]')],
    ['an error without words', (_, response) => response.writeHead(500).end('{}')],
    ['half an answer', (_, response) => response.writeHead(200, { 'content-length': 9 }).end('{')],
    ['nothing', (_, response) => response.destroy()],
    ['silence', () => undefined],
  ])('%s is a failure', async (_name, listener) => {
    const client = await impostor(listener);
    await expect(client.status()).rejects.toMatchObject({ name: 'AgentError', code: 'FAILED' });
  });

  test('what comes from the socket cannot control a terminal', async () => {
    const client = await impostor((_, response) => {
      response.writeHead(409).end('{"error":"\\u001b[2Jno"}');
    });
    await expect(client.drain({ servers })).rejects.toThrow('The agent refuses: ?[2Jno.');
  });
});
