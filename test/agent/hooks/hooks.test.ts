import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readAgentConfig } from '../../../src/agent/config/read-config.js';
import type { EventJson } from '../../../src/agent/control/shapes.js';
import { HookQueue, MOST_WAITING } from '../../../src/agent/hooks/hook-queue.js';
import type { HookTarget } from '../../../src/agent/hooks/hook-target.js';
import { Hooks } from '../../../src/agent/hooks/hooks.js';
import { parseState } from '../../../src/state/file/parse.js';

const event = (seq: number, service?: string): EventJson => ({
  ...{ type: 'server', seq, time: '2026-11-30T06:00:00.000Z', severity: 'info' },
  ...(service !== undefined && { service }),
});

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'ipvs-hooks-'));
  onTestFinished(() => rm(path, { recursive: true }));
  return path;
}

/** A web server that keeps what it is sent. */
async function receiver(status = () => 204) {
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      bodies.push(body);
      response.writeHead(status()).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/told?secret=1`, bodies };
}

function hooked(text: string) {
  const said: string[] = [];
  const hooks: Hooks = new Hooks(({ severity, reason }) => {
    said.push(`${severity} ${reason ?? ''}`);
    // As the agent does: each event is told, also this one.
    hooks.onEvent({ ...event(0), type: 'agent' });
  });
  hooks.use(readAgentConfig(parseState(text)));
  onTestFinished(() => hooks.stop());
  return { hooks, said };
}

const seqs = (bodies: readonly string[]) =>
  bodies.map((body) => (JSON.parse(body) as { seq: number }).seq);

describe('a program', () => {
  test('gets each event as a line of JSON on standard input, in order, one at a time', async () => {
    const place = join(await folder(), 'events');
    const script = `read line; sleep 0.0$((RANDOM % 3)); echo "$line" >> "$1"`;
    const command = JSON.stringify(['/bin/bash', '-c', script, 'sh', place]);
    const { hooks, said } = hooked(`onChange: ${command}`);
    for (let seq = 1; seq <= 20; seq += 1) hooks.onEvent(event(seq));
    const lines = async () =>
      (await readFile(place, 'utf8').catch(() => '')).split('\n').filter((line) => line !== '');
    await expect.poll(async () => (await lines()).length).toBe(20);
    expect(seqs(await lines())).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
    expect(JSON.parse((await lines())[0] ?? '')).toEqual(event(1));
    expect(said).toEqual([]);
  });

  test('that fails is told once, until it works again', async () => {
    const flag = join(await folder(), 'works');
    const command = JSON.stringify(['/bin/sh', '-c', 'test -e "$1"', 'sh', flag]);
    const { hooks, said } = hooked(`onChange: ${command}`);
    hooks.onEvent(event(1));
    hooks.onEvent(event(2));
    await expect
      .poll(() => said)
      .toEqual(['warning onChange /bin/sh: exit status 1; events are lost']);
    await writeFile(flag, '');
    await expect
      .poll(() => {
        hooks.onEvent(event(3));
        return said.length;
      })
      .toBe(2);
    expect(said[1]).toMatch(/^info onChange \/bin\/sh takes events again; lost: [2-9]/);
  });

  test('that is not there is told', async () => {
    const { hooks, said } = hooked('onChange: [/nowhere/tell]');
    hooks.onEvent(event(1));
    await expect
      .poll(() => said)
      .toEqual([
        'warning onChange /nowhere/tell: cannot start: No such file or directory; events are lost',
      ]);
  });
});

describe('a URL', () => {
  test('gets each event as the body of a request, in order', async () => {
    const { url, bodies } = await receiver();
    const { hooks } = hooked(`webhook: ${url}`);
    for (let seq = 1; seq <= 5; seq += 1) hooks.onEvent(event(seq));
    await expect.poll(() => seqs(bodies)).toEqual([1, 2, 3, 4, 5]);
  });

  test('that refuses is told without what may be secret in it', async () => {
    const { url } = await receiver(() => 500);
    const { hooks, said } = hooked(`webhook: ${url}`);
    hooks.onEvent(event(1));
    const { origin } = new URL(url);
    await expect
      .poll(() => said)
      .toEqual([`warning webhook ${origin}: status 500; events are lost`]);
  });

  test('of a service gets the events of that service, and they go nowhere else', async () => {
    const [common, own] = [await receiver(), await receiver()];
    const { hooks } = hooked(`webhook: ${common.url}
services:
  - {service: 'tcp:192.0.2.1:80', webhook: '${own.url}'}
  - {service: 'tcp:192.0.2.2:80'}`);
    hooks.onEvent(event(1, 'tcp:192.0.2.1:80'));
    hooks.onEvent(event(2, 'tcp:192.0.2.2:80'));
    hooks.onEvent(event(3));
    await expect.poll(() => [seqs(common.bodies), seqs(own.bodies)]).toEqual([[2, 3], [1]]);
  });

  test('that no file names any more is told nothing', async () => {
    const { url, bodies } = await receiver();
    const { hooks } = hooked(`webhook: ${url}`);
    hooks.use(readAgentConfig(parseState('')));
    hooks.onEvent(event(1));
    await hooks.stop();
    expect(bodies).toEqual([]);
  });
});

describe('a target that hangs', () => {
  function hanging() {
    const delivered: string[] = [];
    let settle: (failure?: string) => void = () => undefined;
    const target: HookTarget = {
      ...{ key: 'x', name: 'x' },
      deliver: (body) => {
        delivered.push(body);
        const done = new Promise<string | undefined>((resolve) => {
          settle = resolve;
        });
        const cancel = () => {
          settle('cancelled');
        };
        return { done, cancel };
      },
    };
    const next = () => {
      settle();
    };
    return { target, delivered, next };
  }

  test('delays nobody: 10,000 events are taken at once, and the last of them are told', async () => {
    const { target, delivered, next } = hanging();
    const said: string[] = [];
    const queue = new HookQueue(target, {
      onFailure: (reason) => said.push(reason),
      onRecovered: (lost) => said.push(`lost ${lost}`),
    });
    for (let seq = 0; seq < 10_000; seq += 1) queue.add(String(seq));
    expect(delivered).toEqual(['0']);
    expect(said).toEqual(['it is too slow, and more than 1000 events wait']);
    for (let turn = 0; turn <= MOST_WAITING; turn += 1) {
      next();
      await Promise.resolve();
      await Promise.resolve();
    }
    expect(delivered.slice(1)).toEqual(
      Array.from({ length: MOST_WAITING }, (_, index) => String(9000 + index)),
    );
    expect(said.slice(1)).toEqual(['lost 8999']);
  });

  test('does not keep the agent from ending', async () => {
    const { target } = hanging();
    const queue = new HookQueue(target, {
      onFailure: () => undefined,
      onRecovered: () => undefined,
    });
    queue.add('1');
    queue.add('2');
    const idle = queue.idle();
    queue.stop();
    await idle;
  });
});
