import { join } from 'node:path';
import type { ProgramName } from '../../src/ipvsadm/program.js';
import type { Backend } from './backend.js';
import { ourCommand, testsExecutable } from './our-commands.js';
import { projectFolder } from './project.js';
import type { CommandResult } from './protocol.js';
import { PATIENCE_MS } from './patience.js';

export interface RunOptions {
  readonly stdin?: string | Uint8Array;
  readonly deadlineMs?: number;
  /** The network namespace to run in; the guest's first one by default. */
  readonly namespace?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

export interface ProgramOptions extends Omit<RunOptions, 'namespace'> {
  readonly program?: ProgramName;
}

/** Only what hangs comes near, also on a machine with other work. */
const DEADLINE_MS = PATIENCE_MS;

export async function runIn(
  backend: Backend,
  argv: readonly string[],
  options: RunOptions,
): Promise<CommandResult> {
  const { namespace, stdin = '', deadlineMs = DEADLINE_MS, env = {}, cwd = '/' } = options;
  const prefix = namespace === undefined ? [] : ['ip', 'netns', 'exec', namespace];
  return await backend.run({
    argv: [...prefix, ...argv],
    stdin: Buffer.from(stdin).toString('base64'),
    deadlineMs,
    env,
    cwd,
  });
}

/** A network namespace of the guest: it has its own interfaces, and its own IPVS tables. */
export class Namespace implements AsyncDisposable {
  readonly name: string;
  readonly #backend: Backend;

  /** @internal Made by {@link Lab.namespace}. */
  constructor(backend: Backend, name: string) {
    this.#backend = backend;
    this.name = name;
  }

  run(
    argv: readonly string[],
    options: Omit<RunOptions, 'namespace'> = {},
  ): Promise<CommandResult> {
    return runIn(this.#backend, argv, { ...options, namespace: this.name });
  }

  /** Our command, in the namespace's agent: no new process, so it is quick. The single executable is always a process. */
  async ipvsadm(
    argv: readonly string[],
    options: Pick<ProgramOptions, 'stdin' | 'deadlineMs' | 'program'> = {},
  ): Promise<CommandResult> {
    if (testsExecutable) return this.binary(argv, options);
    const { program = 'ipvsadm', stdin = '', deadlineMs = DEADLINE_MS } = options;
    return (await this.#backend.call({
      namespace: this.name,
      file: join(projectFolder, 'test/lab/guest/command.ts'),
      name: 'command',
      args: [program, argv, Buffer.from(stdin).toString('base64')],
      deadlineMs,
    })) as CommandResult;
  }

  /** The command `ipvs`, in the namespace's agent, or as the single executable. */
  async ipvs(words: readonly string[]): Promise<CommandResult> {
    if (testsExecutable) return this.run([...ourCommand('ipvs'), ...words]);
    const file = join(projectFolder, 'test/lab/guest/ipvs.ts');
    return (await this.call(file, 'ipvs', words)) as CommandResult;
  }

  /** Debian's program, as a process. */
  genuine(argv: readonly string[], options: ProgramOptions = {}): Promise<CommandResult> {
    const { program = 'ipvsadm', ...rest } = options;
    return this.run([`/sbin/${program}`, ...argv], rest);
  }

  /** Our command as users start it, as a process. Needs `npm run build`. */
  binary(argv: readonly string[], options: ProgramOptions = {}): Promise<CommandResult> {
    const { program = 'ipvsadm', ...rest } = options;
    return this.run([...ourCommand(program), ...argv], rest);
  }

  /** Calls what FILE exports as NAME, in the namespace's agent. Arguments and result travel as JSON. */
  call(file: string, name: string, ...args: unknown[]): Promise<unknown> {
    return this.callWithin(DEADLINE_MS, file, name, ...args);
  }

  /** The same, with a deadline of its own. */
  callWithin(deadlineMs: number, file: string, name: string, ...args: unknown[]): Promise<unknown> {
    return this.#backend.call({ namespace: this.name, file, name, args, deadlineMs });
  }

  /** Ends every process in the namespace, and the namespace. */
  async close(): Promise<void> {
    await Namespace.closeAll([this]);
  }

  /** Closes namespaces of one guest. */
  static async closeAll(namespaces: readonly Namespace[]): Promise<void> {
    const [first] = namespaces;
    if (first === undefined) return;
    const backend = first.#backend;
    const names = namespaces.map(({ name }) => name);
    await Promise.all(names.map((name) => backend.end(name)));
    const script = `for name; do ip netns pids "$name"; done | xargs -r kill -KILL
      for name; do ip netns del "$name"; done`;
    await runIn(backend, ['sh', '-c', script, 'sh', ...names], {});
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
