/**
 * In the guest: what a program costs that checks servers, and how long it takes until one that dies has weight 0. Its argument
 * is a {@link Scene} as JSON.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { IpvsClient } from '../../src/ipvs/client/client.js';
import { Servers } from '../servers.js';
import { coresBetween, usageOf } from '../usage.js';

export interface Scene {
  /** What compiling servers.c gave. */
  readonly servers: string;
  readonly ports: readonly number[];
  /** The program that checks, and what it needs. */
  readonly command: readonly [string, ...string[]];
  /** Services of one server each, which dies, and the port that it has alone. */
  readonly victims: readonly { readonly service: string; readonly port: number }[];
  readonly warmMs: number;
  readonly cpuMs: number;
}

export interface Found {
  readonly cores: number;
  readonly takeOutMs: readonly number[];
}

const LOOK_MS = 10;
const PATIENCE_MS = 60_000;

const scene = JSON.parse(process.argv[2] ?? '') as Scene;
const servers = await Servers.open(scene.servers, scene.ports);
const [program, ...words] = scene.command;
const checker = spawn(program, words, { stdio: 'ignore' });
const ended = once(checker, 'exit');
await once(checker, 'spawn');
const client = await IpvsClient.open();
for (const { service } of scene.victims) await weighs(service, (weight) => weight > 0);
await setTimeout(scene.warmMs);
const before = usageOf(family(checker.pid ?? NaN));
await setTimeout(scene.cpuMs);
const cores = coresBetween(before, usageOf(family(checker.pid ?? NaN)));
const takeOutMs: number[] = [];
for (const { service, port } of scene.victims) {
  const diedMs = await servers.closeAfterNext(port);
  await weighs(service, (weight) => weight === 0);
  takeOutMs.push(monotonicMs() - diedMs);
}
const found: Found = { cores, takeOutMs };
process.stdout.write(JSON.stringify(found));
client.close();
servers.end();
checker.kill();
await ended;

async function weighs(service: string, isWanted: (weight: number) => boolean): Promise<void> {
  const patience = monotonicMs() + PATIENCE_MS;
  while (monotonicMs() < patience) {
    try {
      for await (const { settings } of client.destinations(service))
        if (isWanted(settings.weight)) return;
    } catch {
      // It is not there yet.
    }
    await setTimeout(LOOK_MS);
  }
  throw new Error(`${program}: ${service} has not the weight that is awaited`);
}

/** A process and its children, which do the work for keepalived. */
function family(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return [pid, ...children.split(' ').filter(Boolean).map(Number)];
}

function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
