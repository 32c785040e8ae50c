/** An agent that runs on this machine, over a table in memory, and what it does to that: bench/inside/agent.ts. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import type { Scratch } from './host.js';

/** A datagram with changes of the table. */
export interface Batch {
  /** CLOCK_MONOTONIC. */
  readonly atMs: number;
  readonly changes: number;
}

const LOOK_MS = 50;
/** Only what hangs comes near. */
const PATIENCE_MS = 300_000;

export class RunningAgent {
  readonly #process: ChildProcess;
  #batches: Batch[] = [];

  #upServers = 0;

  private constructor(process: ChildProcess) {
    this.#process = process;
    if (process.stdout === null || process.stderr === null) throw new Error('no output');
    // A line of its log for each event.
    createInterface(process.stderr).on('line', (line) => {
      if (line.includes(' server up ')) this.#upServers += 1;
    });
    createInterface(process.stdout).on('line', (line) => {
      const [atMs = NaN, changes = 0] = line.split(' ').map(Number);
      this.#batches.push({ atMs, changes });
    });
  }

  /** @param file a state file, in the folder of `scratch`. */
  static async start(scratch: Scratch, name: string): Promise<RunningAgent> {
    const program = await scratch.bundle('bench/inside/agent.ts');
    const folder = scratch.path(`${name}-state`);
    await mkdir(folder);
    const words = ['-f', scratch.path(name), '--socket', join(folder, 'socket')];
    const child = spawn(process.execPath, [program, folder, ...words], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    await once(child, 'spawn');
    return new RunningAgent(child);
  }

  get pid(): number {
    return this.#process.pid ?? NaN;
  }

  /** Waits until so many servers are up. */
  async hasUp(servers: number): Promise<void> {
    await this.#reaches(servers, 'servers up', () => this.#upServers);
  }

  /** Forgets the batches that there were. */
  forgetBatches(): void {
    this.#batches = [];
  }

  /** Waits until it has made so many changes since the last call of {@link forgetBatches}; gives the batches of them. */
  async batchesOf(changes: number): Promise<readonly Batch[]> {
    const made = () => this.#batches.reduce((sum, one) => sum + one.changes, 0);
    await this.#reaches(changes, 'changes', made);
    return this.#batches;
  }

  async end(): Promise<void> {
    const ended = once(this.#process, 'exit');
    this.#process.kill();
    await ended;
  }

  async #reaches(wanted: number, what: string, count: () => number): Promise<void> {
    const patience = performance.now() + PATIENCE_MS;
    while (count() < wanted) {
      if (performance.now() > patience || this.#process.exitCode !== null) {
        throw new Error(`the agent has come to ${count()} ${what}, of ${wanted}`);
      }
      await setTimeout(LOOK_MS);
    }
  }
}
