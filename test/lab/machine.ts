import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { printable } from './errors.js';
import type { Guard } from './guard.js';
import { chooseCpu, compilePreload, findKernel, hasRoomInSharedMemory } from './host.js';
import { projectFolder } from './project.js';

export interface MachineOptions {
  readonly cpu?: number;
  readonly memoryMegabytes?: number;
}

const CONSOLE_LINES = 20;

/** The user-mode Linux process. */
export class Machine {
  readonly folder: string;
  readonly control: Socket;
  /** The guest's second terminal. */
  readonly terminal: Socket;
  /** Settles when the guest's kernel has ended, for whatever reason. */
  readonly ended: Promise<void>;
  readonly #kernel: ChildProcess;
  readonly #guard: Guard;

  private constructor(guard: Guard, kernel: ChildProcess) {
    this.#guard = guard;
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
    if (kernel.pid !== undefined) guard.watch(kernel.pid);
    // An ended guest is told by its process, not by its pipes.
    for (const stream of [this.control, this.terminal]) stream.on('error', () => undefined);
    this.#letGo();
  }

  static async start(guard: Guard, options: MachineOptions): Promise<Machine> {
    const { folder } = guard;
    const program = findKernel();
    const preload = await compilePreload(folder);
    const memory = options.memoryMegabytes ?? 1024;
    const output = openSync(join(folder, 'console.txt'), 'w');
    const kernel = spawn(
      'taskset',
      ['-c', String(chooseCpu(options.cpu)), program, ...kernelArguments(folder, memory)],
      {
        detached: true,
        stdio: ['ignore', output, output, 'pipe', 'pipe'],
        env: {
          PATH: process.env['PATH'],
          HOME: folder,
          ...(hasRoomInSharedMemory(memory) ? {} : { TMPDIR: folder }),
          ...(preload === undefined ? {} : { LD_PRELOAD: preload }),
        },
      },
    );
    closeSync(output);
    return new Machine(guard, kernel);
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
    if (this.#kernel.pid !== undefined) await this.ended;
  }

  /** A script that forgets to close the lab may end all the same: the guard cleans up. */
  #letGo(): void {
    this.#kernel.unref();
    this.control.unref();
    this.terminal.unref();
  }
}

function kernelArguments(folder: string, memoryMegabytes: number): string[] {
  return [
    `mem=${memoryMegabytes}M`,
    'root=/dev/root',
    'rootfstype=hostfs',
    'rootflags=/',
    'ro',
    'quiet',
    `uml_dir=${folder}/`,
    'init=/bin/sh',
    `LAB_FOLDER=${folder}`,
    `LAB_NODE=${process.execPath}`,
    'con=null',
    'con0=null,fd:1',
    'con1=fd:3',
    'con2=fd:4',
    '--',
    join(projectFolder, 'test/lab/guest/init.sh'),
  ];
}
