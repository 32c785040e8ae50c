import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { buildSync } from 'esbuild';
import type { CheckType, Probe, ProbeOutcome } from '../../../src/agent/checks/check-type.js';
import { project } from '../sources.js';
import type { Order, ProbeSource, TargetText } from './orders.js';

/**
 * Checks that are carried out by Bun, which the single executable is compiled with, against servers of this process.
 * scripts/test-executable.js says where Bun is.
 */

let bun: ChildProcessWithoutNullStreams | undefined;
let number = 0;
const waiting = new Map<number, (outcome: ProbeOutcome) => void>();

function start(): ChildProcessWithoutNullStreams {
  const folder = mkdtempSync(join(tmpdir(), 'ipvs-bun-'));
  const file = join(folder, 'probes.cjs');
  buildSync({
    absWorkingDir: project,
    entryPoints: ['test/support/bun/probes.ts'],
    outfile: file,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    logLevel: 'error',
  });
  const child = spawn(process.env['IPVS_BUN'] ?? 'bun', [file], { cwd: folder });
  child.stderr.pipe(process.stderr);
  createInterface({ input: child.stdout }).on('line', (line) => {
    const { run, outcome } = JSON.parse(line) as { run: number; outcome: ProbeOutcome };
    waiting.get(run)?.(outcome);
    waiting.delete(run);
  });
  child.on('exit', (status, signal) => {
    for (const settle of waiting.values()) {
      settle({ passing: false, reason: `Bun has ended: ${status ?? signal ?? ''}` });
    }
    waiting.clear();
    bun = undefined;
  });
  process.once('exit', () => {
    child.kill();
    rmSync(folder, { recursive: true, force: true });
  });
  return child;
}

let orders: Order[] = [];

/** What is told without a pause between is carried out so. */
function tell(order: Order): void {
  orders.push(order);
  if (orders.length > 1) return;
  queueMicrotask(() => {
    bun ??= start();
    bun.stdin.write(`${JSON.stringify(orders)}\n`);
    orders = [];
  });
}

function remoteProbe(source: ProbeSource): Probe {
  number += 1;
  const probe = number;
  tell({ kind: 'make', probe, source });
  return {
    run: () =>
      new Promise((resolve) => {
        number += 1;
        waiting.set(number, resolve);
        tell({ kind: 'run', probe, run: number });
      }),
    close: () => {
      tell({ kind: 'close', probe });
    },
  };
}

/** Addresses are texts in JSON. */
const textOf = (target: object): TargetText => JSON.parse(JSON.stringify(target)) as TargetText;

/** A type whose checks Bun carries out. What is wrong with its settings is found out here too. */
export function inBun(type: CheckType): CheckType {
  return {
    ...type,
    prepare: (target, settings) => {
      type.prepare(target, settings);
      return remoteProbe({ type: type.name, target: textOf(target), settings });
    },
  };
}

export function pingInBun(program: string, target: object, count?: number): Probe {
  return remoteProbe({ type: 'ping', target: textOf(target), settings: {}, program, count });
}
