/** Events over the agent's socket: nothing is lost, nothing comes twice, and no reader is waited for. */
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { AgentClient } from '../../../src/agent/control/client.js';
import { EventRing } from '../../../src/agent/control/event-ring.js';
import type { EventJson, NewEvent } from '../../../src/agent/control/shapes.js';
import { FakeAgent, PATIENT, serveFakeAgent, socketPath } from '../../support/fake-agent.js';
import { ask } from '../../support/http-exchange.js';

const event: NewEvent = { type: 'server', severity: 'warning', server: '10.0.0.2:80' };
const numbers = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

function add({ events }: FakeAgent, count: number, more: Partial<NewEvent> = {}): void {
  for (let index = 0; index < count; index += 1) events.add({ ...event, ...more });
}

/** The numbers in a text of server-sent events. */
const idsIn = (text: string) => Array.from(text.matchAll(/^id: (\d+)$/gm), ([, id]) => Number(id));

/** Collects events until there are so many. */
async function take(events: AsyncIterable<EventJson>, count: number): Promise<number[]> {
  const seen: number[] = [];
  if (count === 0) return seen;
  for await (const { seq } of events) {
    seen.push(seq);
    if (seen.length === count) break;
  }
  return seen;
}

/** A connection that reads nothing until it is told to. */
async function silentReader(socket: string, path = '/v1/events'): Promise<Socket> {
  const peer = connect(socket);
  peer.on('error', () => undefined);
  onTestFinished(() => {
    peer.destroy();
  });
  await new Promise((resolve) => peer.once('connect', resolve));
  peer.pause();
  peer.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
  return peer;
}

describe('GET /v1/events?follow=0', () => {
  test('sends what there is, as server-sent events, and ends', async () => {
    const { agent, socket } = await serveFakeAgent();
    const first = agent.events.add({ ...event, reason: 'line\nbreak' });
    const { status, headers, text } = await ask(socket, 'GET', '/v1/events?follow=0');
    expect([status, headers['content-type']]).toEqual([200, 'text/event-stream; charset=utf-8']);
    expect(text).toBe(`id: 1\ndata: ${JSON.stringify(first)}\n\n`);
  });

  test('begins behind a number', async () => {
    const { agent, socket } = await serveFakeAgent(new FakeAgent(new EventRing({ capacity: 10 })));
    const since = async (number: number, headers = {}) =>
      idsIn(
        (await ask(socket, 'GET', `/v1/events?follow=0&since=${number}`, undefined, headers)).text,
      );
    expect(await since(0)).toEqual([]);
    add(agent, 25);
    expect(await since(0)).toEqual(numbers(16, 25));
    expect(await since(20)).toEqual(numbers(21, 25));
    expect(await since(25)).toEqual([]);
    // A number that is not reached yet is nobody's last one.
    expect(await since(99)).toEqual([]);
    // What a reader has seen goes before what it first asked for.
    expect(await since(0, { 'last-event-id': '23' })).toEqual([24, 25]);
    // The agent counts anew: whoever comes back has seen none of these.
    expect(await since(0, { 'last-event-id': '4711' })).toEqual(numbers(16, 25));
  });

  test('takes no number that is none from a header', async () => {
    const { socket } = await serveFakeAgent();
    const headers = { 'last-event-id': 'x' };
    expect(await ask(socket, 'GET', '/v1/events', undefined, headers)).toMatchObject({
      status: 400,
      json: { error: 'Last-Event-ID must be the number of an event' },
    });
  });

  test('sends many, however slowly they are read', async () => {
    const { agent, socket } = await serveFakeAgent();
    add(agent, 10_000, { reason: 'x'.repeat(500) });
    const peer = await silentReader(socket, '/v1/events?follow=0');
    let text = '';
    peer.on('data', (chunk) => (text += String(chunk)));
    peer.resume();
    await expect.poll(() => idsIn(text).at(-1), PATIENT).toBe(10_000);
    expect(idsIn(text)).toEqual(numbers(1, 10_000));
  });
});

describe('following events', () => {
  test('goes on with what happens, to each that follows', async () => {
    const { agent, socket } = await serveFakeAgent();
    add(agent, 3);
    const client = new AgentClient({ socket });
    const followers = Array.from({ length: 200 }, (_, index) => {
      const since = index % 4;
      return take(client.events({ follow: true, since }), 6 - since);
    });
    await expect.poll(() => agent.events.lastSeq, PATIENT).toBe(3);
    add(agent, 3);
    for (const [index, seen] of (await Promise.all(followers)).entries()) {
      expect(seen).toEqual(numbers((index % 4) + 1, 6));
    }
  });

  test('ends without an error when that is wanted', async () => {
    const { agent, socket } = await serveFakeAgent();
    const controller = new AbortController();
    const { signal } = controller;
    const seen: number[] = [];
    add(agent, 1);
    for await (const { seq } of new AgentClient({ socket }).events({ follow: true, signal })) {
      seen.push(seq);
      controller.abort();
    }
    expect(seen).toEqual([1]);
  });

  test('loses nothing and has nothing twice while the agent starts again and again', async () => {
    const socket = socketPath();
    const ring = new EventRing();
    const agent = new FakeAgent(ring);
    let served = await serveFakeAgent(agent, { socket });
    const seen: number[] = [];
    const controller = new AbortController();
    const following = (async () => {
      const { signal } = controller;
      const events = new AgentClient({ socket }).events({ follow: true, signal });
      for await (const { seq } of events) seen.push(seq);
    })();
    for (let round = 1; round <= 5; round += 1) {
      add(agent, 100);
      // Some are under way when the agent ends, and some happen before it is there again. An agent that the client has never
      // reached would not be waited for.
      if (round === 1 || round % 2 === 0)
        await expect.poll(() => seen.length, PATIENT).toBeGreaterThan(100 * (round - 1));
      await served.server.close();
      add(agent, 100);
      served = await serveFakeAgent(agent, { socket });
      await expect.poll(() => seen.at(-1), PATIENT).toBe(200 * round);
    }
    expect(seen).toEqual(numbers(1, 1000));
    controller.abort();
    await following;
  });

  test('waits for an agent that has ended, and not for ever', async () => {
    const { agent, socket, server } = await serveFakeAgent();
    add(agent, 1);
    const events = new AgentClient({ socket }).events({ follow: true, patienceMs: 300 });
    expect(await events.next()).toMatchObject({ value: { seq: 1 } });
    await server.close();
    await expect(events.next()).rejects.toMatchObject({ code: 'NO_AGENT' });
  });

  test('says that it lives when nothing happens', async () => {
    const { socket } = await serveFakeAgent(undefined, { limits: { idleMs: 50 } });
    const peer = await silentReader(socket);
    let text = '';
    peer.on('data', (chunk) => (text += String(chunk)));
    peer.resume();
    await expect.poll(() => text.split('\n:\n').length, PATIENT).toBeGreaterThan(3);
  });
});

describe('a reader of events that is slow', () => {
  test('is cut off when it takes nothing, and holds no events meanwhile', async () => {
    const { agent, socket } = await serveFakeAgent(undefined, { limits: { stallMs: 200 } });
    const peer = await silentReader(socket);
    const fast = new AgentClient({ socket }).events({ follow: true });
    add(agent, 1);
    await fast.next();
    // More than the kernel keeps for a socket.
    add(agent, 3000, { reason: 'x'.repeat(1000) });
    const closed = new Promise((resolve) => peer.once('close', resolve));
    // Others are served meanwhile.
    expect(await take(fast, 3000)).toEqual(numbers(2, 3001));
    await expect
      .poll(() => ask(socket, 'GET', '/v1/status'), PATIENT)
      .toMatchObject({ status: 200 });
    await new Promise((resolve) => setTimeout(resolve, 400));
    let text = '';
    peer.on('data', (chunk) => (text += String(chunk)));
    peer.resume();
    await closed;
    const seen = idsIn(text);
    expect(seen.length).toBeLessThan(3001);
    expect(seen).toEqual(numbers(1, seen.length));
  });

  test('is cut off when events that it has not seen are gone', async () => {
    const agent = new FakeAgent(new EventRing({ capacity: 100 }));
    const { socket } = await serveFakeAgent(agent);
    const peer = await silentReader(socket);
    const closed = new Promise((resolve) => peer.once('close', resolve));
    const fast = new AgentClient({ socket }).events({ follow: true });
    add(agent, 1);
    await fast.next();
    for (let round = 0; round < 40; round += 1) {
      add(agent, 100, { reason: 'x'.repeat(1000) });
      await take(fast, 0);
    }
    let text = '';
    peer.on('data', (chunk) => (text += String(chunk)));
    peer.resume();
    await closed;
    const seen = idsIn(text);
    expect(seen.at(-1)).toBeLessThan(agent.events.lastSeq);
    expect(seen).toEqual(numbers(1, seen.length));
  });

  test('takes no place from others: streams are bounded, and later ones find room', async () => {
    const { agent, socket } = await serveFakeAgent(undefined, { limits: { streams: 2 } });
    add(agent, 1);
    const client = new AgentClient({ socket });
    const open = [client.events({ follow: true }), client.events({ follow: true })];
    for (const events of open) await events.next();
    expect(await ask(socket, 'GET', '/v1/events')).toMatchObject({
      status: 503,
      json: { error: '2 clients follow the events already; try again later' },
    });
    await expect(client.events({ follow: true }).next()).rejects.toMatchObject({ status: 503 });
    expect(await ask(socket, 'GET', '/v1/status')).toMatchObject({ status: 200 });
    await open[0]?.return();
    await expect
      .poll(async () => (await ask(socket, 'GET', '/v1/events?follow=0')).status, PATIENT)
      .toBe(200);
  });
});
