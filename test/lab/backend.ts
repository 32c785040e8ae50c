import { join } from 'node:path';
import { bundle, leaveBundler, useBundler } from './bundle.js';
import { Channel } from './channel.js';
import { LabError } from './errors.js';
import { Guard } from './guard.js';
import { Host, type MachineOptions } from './machine.js';
import { projectFolder } from './project.js';
import type { CommandResult, GuestReply, GuestRequest } from './protocol.js';
import { PATIENCE_MS } from './patience.js';

export interface RunRequest {
  readonly argv: readonly string[];
  /** Base64. */
  readonly stdin: string;
  readonly deadlineMs: number;
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

export interface CallRequest {
  readonly namespace: string;
  readonly file: string;
  readonly name: string;
  readonly args: readonly unknown[];
  readonly deadlineMs: number;
}

/** What a lab can do, in the process that owns the guest or through a socket to that process. */
export interface Backend {
  /** The one that the guest runs on. */
  readonly cpu: number;
  run(request: RunRequest): Promise<CommandResult>;
  call(request: CallRequest): Promise<unknown>;
  /** A number that no one else who uses this guest has. */
  accept(): Promise<number>;
  /** Ends the agent of the namespace. */
  end(namespace: string): Promise<void>;
  close(): Promise<void>;
}

export interface BootOptions extends MachineOptions {
  readonly deadlineMs?: number;
  readonly onStep?: (text: string) => void;
}

/** Far more than it takes, on a busy machine too. */
const BOOT_DEADLINE_MS = PATIENCE_MS;
/** What the guest may take to say that a deadline has passed. */
const GRACE_MS = 60_000;

/** The guest, owned by this process. */
export class Owner implements Backend {
  readonly machine: Host;
  readonly #channel: Channel;
  /** The namespaces that have called something, and what was bundled for them. */
  readonly #callers = new Set<string>();
  readonly #bundles = new Map<string, Promise<string>>();
  #lastNumber = 0;
  #closing: Promise<void> | undefined;

  get cpu(): number {
    return this.machine.cpu;
  }

  private constructor(machine: Host, channel: Channel) {
    this.machine = machine;
    this.#channel = channel;
  }

  static async boot(options: BootOptions): Promise<Owner> {
    const guard = new Guard();
    useBundler();
    const { folder } = guard;
    let machine: Host | undefined;
    try {
      const step = options.onStep ?? ((): void => undefined);
      step('bundling what runs in the guest');
      await Promise.all(
        ['supervisor', 'agent'].map((name) =>
          bundle(join(projectFolder, `test/lab/guest/${name}.ts`), folder, `${name}.mjs`),
        ),
      );
      step('starting the kernel');
      machine = await Host.start(guard, options);
      const owner = new Owner(machine, new Channel(machine.control, folder));
      await owner.#started(options.deadlineMs ?? BOOT_DEADLINE_MS);
      step('the kernel is up');
      return owner;
    } catch (error) {
      await (machine === undefined ? guard.end() : machine.stop());
      await leaveBundler();
      throw error;
    }
  }

  async run(request: RunRequest): Promise<CommandResult> {
    const what = request.argv.join(' ');
    return (await this.#ask({ op: 'run', ...request }, what, request.deadlineMs)) as CommandResult;
  }

  async call(request: CallRequest): Promise<unknown> {
    const { file, ...rest } = request;
    const what = `${request.name} of ${file} in namespace ${request.namespace}`;
    const module = await this.#bundled(request.namespace, file);
    return await this.#ask({ op: 'call', module, ...rest }, what, request.deadlineMs);
  }

  accept(): Promise<number> {
    return Promise.resolve(++this.#lastNumber);
  }

  async end(namespace: string): Promise<void> {
    this.#callers.delete(namespace);
    if (this.#callers.size === 0) this.#bundles.clear();
    await this.#ask({ op: 'end', namespace }, `the end of namespace ${namespace}`, GRACE_MS);
  }

  close(): Promise<void> {
    this.#closing ??= (async () => {
      this.#channel.close('the lab is closed');
      await this.machine.stop();
      await leaveBundler();
    })();
    return this.#closing;
  }

  async #started(deadlineMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const outcome = await Promise.race([
      this.#channel.ready,
      this.machine.ended.then(() => 'ended before it was up'),
      new Promise<string>((resolve) => {
        timer = setTimeout(resolve, deadlineMs, `was not up within ${deadlineMs} ms`);
      }),
    ]);
    clearTimeout(timer);
    if (outcome !== undefined) {
      const said = this.machine.console();
      throw new LabError(`The lab's kernel ${outcome}. The end of its console:\n${said}`);
    }
    void this.machine.ended.then(() => {
      if (this.#closing) return;
      this.#channel.close(`the lab's kernel has ended:\n${this.machine.console()}`);
    });
  }

  /** Bundled once for all namespaces that are there together, as those of one test file see one state of the code. */
  #bundled(namespace: string, file: string): Promise<string> {
    this.#callers.add(namespace);
    const known = this.#bundles.get(file) ?? bundle(file, this.machine.folder);
    this.#bundles.set(file, known);
    return known;
  }

  async #ask(request: GuestRequest, what: string, deadlineMs: number): Promise<unknown> {
    let timer: NodeJS.Timeout | undefined;
    const silence = new Promise<GuestReply>((resolve) => {
      timer = setTimeout(() => {
        const message = `the guest does not answer:\n${this.machine.console()}`;
        resolve({ kind: 'failure', message });
      }, deadlineMs + GRACE_MS);
    });
    const reply = await Promise.race([this.#channel.send(request), silence]);
    clearTimeout(timer);
    switch (reply.kind) {
      case 'result':
        return reply.value;
      case 'failure':
        throw new LabError(`${what}: ${reply.message}`);
      case 'deadline':
        throw new LabError(
          `${what}: not done within ${deadlineMs} ms; it has said so far:\n` +
            `${reply.result.stdout}${reply.result.stderr}`,
          reply.result,
        );
    }
  }
}
