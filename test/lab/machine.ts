import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { shellQuoted } from '../../src/common/shell-quoted.js';
import { printable } from './errors.js';
import type { Guard } from './guard.js';
import { chooseCpu } from './host.js';
import { INIT, kernelOfEnvironment, type GuestSettings, type KernelKind } from './launch.js';
import { runningIn } from './processes.js';
import { projectFolder } from './project.js';
import { stockKernel } from './stock-kernel.js';
import { userMode } from './user-mode.js';
import { PATIENCE_MS } from './patience.js';

export interface MachineOptions {
  readonly cpu?: number;
  readonly memoryMegabytes?: number;
  /** User-mode Linux where nothing else is said, here or by `IPVS_LAB_KERNEL`. */
  readonly kernel?: KernelKind;
}

const launchers = { 'user-mode': userMode, stock: stockKernel };

const CONSOLE_LINES = 20;

/** The process that is the guest's machine. */
export class Host {
  readonly folder: string;
  /** The one that it runs on. */
  readonly cpu: number;
  readonly control: Socket;
  /** The guest's second terminal. */
  readonly terminal: Socket;
  /** Settles when the guest's kernel has ended, for whatever reason. */
  readonly ended: Promise<void>;
  /** The process group of the kernel and all its helpers. */
  readonly group: number | undefined;
  readonly #kernel: ChildProcess;
  readonly #guard: Guard;

  private constructor(guard: Guard, kernel: ChildProcess, cpu: number) {
    this.#guard = guard;
    this.cpu = cpu;
    this.folder = guard.folder;
    this.#kernel = kernel;
    this.control = kernel.stdio[3] as Socket;
    this.terminal = kernel.stdio[4] as Socket;
    this.ended = new Promise((resolve) => {
      kernel.on('exit', () => {
        resolve();
      });
      kernel.on('error', () => {
        resolve();
      });
    });
    this.group = kernel.pid;
    if (kernel.pid !== undefined) guard.watch(kernel.pid);
    // That a guest has ended shows in its process, not in its pipes.
    for (const stream of [this.control, this.terminal]) stream.on('error', () => undefined);
    this.#letGo();
  }

  static async start(guard: Guard, options: MachineOptions): Promise<Host> {
    const { folder } = guard;
    const launch = launchers[options.kernel ?? kernelOfEnvironment()];
    const { program, args, env, guest } = await launch(folder, options.memoryMegabytes ?? 1024);
    writeInit(folder, guest);
    const output = openSync(join(folder, 'console.txt'), 'w');
    const cpu = chooseCpu(options.cpu);
    const kernel = spawn('taskset', ['-c', String(cpu), program, ...args], {
      detached: true,
      stdio: ['ignore', output, output, 'pipe', 'pipe'],
      env: { PATH: process.env['PATH'], HOME: folder, ...env },
    });
    closeSync(output);
    return new Host(guard, kernel, cpu);
  }

  /** The end of what the guest's kernel and its first process have said. */
  console(): string {
    try {
      const text = printable(readFileSync(join(this.folder, 'console.txt'), 'utf8'));
      return text.trimEnd().split('\n').slice(-CONSOLE_LINES).join('\n');
    } catch {
      return '(the console is gone)';
    }
  }

  /** Nothing the guest holds is worth a shutdown: its root is read-only, its files are in memory. */
  async stop(): Promise<void> {
    this.#kernel.ref();
    await this.#guard.end();
    this.control.destroy();
    this.terminal.destroy();
    if (this.group === undefined) return;
    await this.ended;
    // They have been killed: that is a matter of milliseconds.
    const patience = Date.now() + PATIENCE_MS;
    while (runningIn(this.group).length > 0 && Date.now() < patience) await setTimeout(5);
  }

  /** A script that forgets to close the lab may end all the same: the guard cleans up. */
  #letGo(): void {
    this.#kernel.unref();
    this.control.unref();
    this.terminal.unref();
  }
}

/** The guest's first program, a copy: a blank in the project's path would tear the kernel's command line. */
function writeInit(folder: string, guest: GuestSettings): void {
  const script = readFileSync(join(projectFolder, 'test/lab/guest/init.sh'), 'utf8');
  const settings = { LAB_FOLDER: folder, LAB_NODE: process.execPath, ...guest };
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${shellQuoted(value)}\n`);
  writeFileSync(join(folder, INIT), lines.join('') + script);
}
