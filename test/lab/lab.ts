import { join } from 'node:path';
import { Owner, type Backend, type BootOptions } from './backend.js';
import { LabError } from './errors.js';
import { Namespace, runIn, type RunOptions } from './namespace.js';
import type { CommandResult } from './protocol.js';
import { connect, serve } from './socket.js';
import type { ServedLab } from './socket.js';

export type { BootOptions } from './backend.js';
export type { ServedLab } from './socket.js';
export type { CommandResult } from './protocol.js';
export type { ProgramOptions, RunOptions } from './namespace.js';
export { LabError } from './errors.js';
export { Namespace } from './namespace.js';

/**
 * A real Linux kernel with IPVS, running as a process of this machine (user-mode Linux). Its root file system is the
 * host's, read-only. Nothing of it stays behind, however the process that booted it ends.
 */
export class Lab implements AsyncDisposable {
  readonly #backend: Backend;

  private constructor(backend: Backend) {
    this.#backend = backend;
  }

  static async boot(options: BootOptions = {}): Promise<Lab> {
    return new Lab(await Owner.boot(options));
  }

  /** The first free one of the labs that another process serves. Closing it leaves that process's lab running. */
  static async connect(labs: readonly ServedLab[]): Promise<Lab> {
    return new Lab(await connect(labs));
  }

  /** Lets other processes use this lab, one at a time, until it is closed. For {@link Lab.connect}. */
  async serve(): Promise<ServedLab> {
    const { machine } = this.owner();
    const path = join(machine.folder, 'lab.sock');
    await serve(this.#backend, path, machine.ended);
    return { path, cpu: machine.cpu };
  }

  /** The CPU that the guest runs on. */
  get cpu(): number {
    return this.#backend.cpu;
  }

  /** The guest itself, for who has booted it. */
  owner(): Owner {
    if (!(this.#backend instanceof Owner)) throw new LabError('another process owns this lab');
    return this.#backend;
  }

  /** Runs a process in the guest, as root. Rejects with a {@link LabError} when its deadline passes. */
  run(argv: readonly string[], options: RunOptions = {}): Promise<CommandResult> {
    return runIn(this.#backend, argv, options);
  }

  /** A fresh network namespace: empty IPVS tables, and only `lo`, which is up. */
  async namespace(label = 'ns'): Promise<Namespace> {
    const [namespace] = await this.namespaces([label]);
    if (namespace === undefined) throw new LabError('no network namespace');
    return namespace;
  }

  /** One for each label, in that order. */
  async namespaces(labels: readonly string[]): Promise<Namespace[]> {
    const numbers = await Promise.all(labels.map(() => this.#backend.accept()));
    const names = labels.map((label, index) => `${label}-${numbers[index]}`);
    // Its number may have been another's that is gone: nothing of what was recorded for that one is this one's.
    const script = `for name; do
        ip netns add "$name" && ip -n "$name" link set lo up || exit
        rm -rf "/run/ipvs/$(stat -c %i "/run/netns/$name")"
      done`;
    const { code, stderr } = await this.run(['sh', '-c', script, 'sh', ...names]);
    if (code !== 0) throw new LabError(`no network namespace: ${stderr}`);
    return names.map((name) => new Namespace(this.#backend, name));
  }

  close(): Promise<void> {
    return this.#backend.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
