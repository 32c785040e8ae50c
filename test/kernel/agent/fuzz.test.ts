/** The agent among clients that send what no client should: defined answers, bounded memory, checks that go on. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PATIENCE_MS } from '../../lab/patience.js';
import { projectFolder } from '../../lab/project.js';
import { configureAgent, useAgentScene } from '../../support/agent.js';
import { useLab } from '../../support/director.js';
import { folderOf } from '../../support/programs.js';
import type { Answers, Place } from './guest/fuzz.js';

const scene = useAgentScene(useLab());

const FUZZ = join(projectFolder, 'test/kernel/agent/guest/fuzz.ts');
const PATIENCE = { timeout: PATIENCE_MS, interval: 500 };
const PORT = 9786;
const SERVERS = Array.from({ length: 100 }, (_, index) => `127.0.1.${index + 1}:80`);

/** All that any request may be answered with. */
const DEFINED = [200, 400, 404, 405, 408, 409, 413, 417, 421, 422, 431, 503].map(String);
/** What a connection that was closed without an answer had sent was no request: for instance a part of one. */
const CLOSED = 'closed';

const CONFIG = `reconcile: 5s
services:
  - name: web
    service: tcp:192.0.2.1:80
    method: nat
    check: {type: tcp, interval: 1s, timeout: 5s, fall: 3}
    servers: [${SERVERS.map((server) => `'${server}'`).join(', ')}]
`;

/** The most memory that the process has had, in MB. */
async function peakOf(pid: number): Promise<number> {
  const { stdout } = await scene().director.run(['cat', `/proc/${pid}/status`]);
  return Number(/VmHWM:\s+(\d+) kB/.exec(stdout)?.[1] ?? NaN) / 1024;
}

async function metric(name: string): Promise<number> {
  const { stdout } = await scene().director.run([
    ...['curl', '-s', '-m', '60', `http://127.0.0.1:${PORT}/metrics`],
  ]);
  return Number(new RegExp(`^${name} (.*)$`, 'm').exec(stdout)?.[1] ?? NaN);
}

async function fuzzed(count: number): Promise<void> {
  const { director } = scene();
  const call = (name: string, ...words: unknown[]) =>
    director.callWithin(2 * PATIENCE_MS, FUZZ, name, ...words);
  await configureAgent(director, CONFIG);
  const agent = await scene().start('--listen', `127.0.0.1:${PORT}`);
  await expect.poll(() => metric('ipvs_agent_config_valid'), PATIENCE).toBe(1);
  const up = () => metric('ipvs_service_up_servers{service="tcp:192.0.2.1:80",name="web"}');
  await expect.poll(up, PATIENCE).toBe(SERVERS.length);
  const before = await peakOf(agent.pid);
  const places: readonly Place[] = [`${folderOf(director)}/agent.sock`, PORT];
  for (const [index, place] of places.entries()) {
    const answers = (await call('requests', place, count, index + 1)) as Answers;
    console.log(`fuzz ${place}: ${JSON.stringify(answers)}`);
    const strange = Object.keys(answers).filter((answer) => ![...DEFINED, CLOSED].includes(answer));
    expect(strange).toEqual([]);
  }
  // Slow senders, more than there is room for: the first are ended when their time is over, and there is room again.
  for (const place of places) {
    await call('holdConnections', place, 1000);
    await expect.poll(() => call('heldConnections'), PATIENCE).toBe(0);
    await call('letGo');
  }
  expect(await up()).toBe(SERVERS.length);
  const peak = await peakOf(agent.pid);
  const delay = await metric('ipvs_agent_loop_delay_seconds');
  console.log(`fuzz: ${before} MB, then ${peak} MB at most; checks late by ${delay} s`);
  expect(peak - before).toBeLessThan(100);
  const log = await agent.log();
  expect(log).not.toMatch(/ down[ :]|at file:|Error/);
}

test('random requests and slow senders get defined answers, take bounded memory, and no server goes down for it', () =>
  fuzzed(1000));

test('and so do many', { tags: 'long', timeout: 3_600_000 }, () => fuzzed(30_000));
