import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { killProcessGroup } from './main-process-group.js';
import { startTimeout } from './timeout.js';

/** A command of the administrator's: a program and its arguments, which no shell reads. */
export interface Command {
  /** The program first: a path, or a name that is looked for in {@link COMMAND_PATH}. */
  readonly words: readonly string[];
  /** All that it has in its environment, beside PATH. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Its standard input; empty by default. */
  readonly input?: string;
  /** Who it runs as, without any other group; by default as this process. */
  readonly user?: CommandUser | undefined;
}

export interface CommandUser {
  readonly userId: number;
  readonly groupId: number;
}

/** How a command ended. */
export type CommandEnd =
  | { readonly kind: 'exited'; readonly status: number }
  | { readonly kind: 'killed'; readonly signal: string }
  /** It was killed since it printed more than is read. */
  | { readonly kind: 'too-much' }
  | { readonly kind: 'not-started'; readonly error: Error };

export interface CommandResult {
  readonly end: CommandEnd;
  readonly stdout: string;
  readonly stderr: string;
}

type OnEnd = (result: CommandResult) => void;

/** A command that has been started. */
export interface RunningCommand {
  /** What it has printed so far. */
  readonly stdout: string;
  readonly stderr: string;
  /** Kills it and all that it has started, as far as that has stayed in its group. Its end is not reported any more. */
  kill(): void;
}

export const COMMAND_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
/** Of each of its outputs. */
export const MOST_COMMAND_OUTPUT = 65_536;
/** How long the rest of its output is waited for, when something that left its group keeps it open. */
const REST_MS = 100;

/**
 * Starts a command in a group of its own, which ends with it: what it has left in the background is killed.
 * @param onEnd called once, unless it is killed before
 */
export function startCommand(command: Command, onEnd: OnEnd): RunningCommand {
  try {
    return new StartedCommand(command, onEnd);
  } catch (error) {
    return new NotStarted(error as Error, onEnd);
  }
}

/** Of some reasons not to start a program Node tells by an event, others it throws. */
class NotStarted implements RunningCommand {
  readonly stdout = '';
  readonly stderr = '';
  #isKilled = false;

  constructor(error: Error, onEnd: OnEnd) {
    queueMicrotask(() => {
      if (!this.#isKilled) onEnd({ end: { kind: 'not-started', error }, stdout: '', stderr: '' });
    });
  }

  kill(): void {
    this.#isKilled = true;
  }
}

class StartedCommand implements RunningCommand {
  readonly #child: ChildProcess;
  readonly #onEnd: OnEnd;
  readonly #stdout = new BoundedText();
  readonly #stderr = new BoundedText();
  #end: CommandEnd | undefined;
  #isOver = false;
  #cancelRest: () => void = () => undefined;

  constructor({ words, environment, input = '', user }: Command, onEnd: OnEnd) {
    this.#onEnd = onEnd;
    const [program = '', ...rest] = words;
    this.#child = spawn(program, rest, {
      cwd: '/',
      env: { PATH: COMMAND_PATH, ...environment },
      detached: true,
      stdio: [input === '' ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      ...(user && { uid: user.userId, gid: user.groupId }),
    });
    this.#child.on('error', this.#failed).on('exit', this.#exited).on('close', this.#finish);
    this.#read(this.#child.stdout, this.#stdout);
    this.#read(this.#child.stderr, this.#stderr);
    // A command that does not read its input closes it.
    this.#child.stdin?.on('error', () => undefined).end(input);
  }

  get stdout(): string {
    return this.#stdout.text;
  }

  get stderr(): string {
    return this.#stderr.text;
  }

  kill(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#release();
  }

  #read(stream: ChildProcess['stdout'], into: BoundedText): void {
    stream?.on('error', () => undefined);
    stream?.on('data', (bytes: Buffer) => {
      if (into.add(bytes)) return;
      this.#end = { kind: 'too-much' };
      this.#finish();
    });
  }

  readonly #failed = (error: Error): void => {
    this.#end ??= { kind: 'not-started', error };
    this.#finish();
  };

  readonly #exited = (status: number | null, signal: string | null): void => {
    this.#end ??=
      signal === null ? { kind: 'exited', status: status ?? 0 } : { kind: 'killed', signal };
    // What stays in the background would keep its output open, and be one more each time.
    this.#killGroup();
    this.#cancelRest = startTimeout(REST_MS, this.#finish);
  };

  readonly #finish = (): void => {
    if (this.#isOver || this.#end === undefined) return;
    this.#isOver = true;
    this.#release();
    this.#onEnd({ end: this.#end, stdout: this.stdout, stderr: this.stderr });
  };

  #release(): void {
    this.#cancelRest();
    const { exitCode, signalCode, stdin, stdout, stderr } = this.#child;
    if (exitCode === null && signalCode === null) this.#killGroup();
    for (const stream of [stdin, stdout, stderr]) stream?.destroy();
  }

  #killGroup(): void {
    if (this.#child.pid !== undefined) killProcessGroup(this.#child.pid);
  }
}

/** What a program has printed, as far as it is kept. */
class BoundedText {
  readonly #pieces: Buffer[] = [];
  #length = 0;

  get text(): string {
    return Buffer.concat(this.#pieces).toString('utf8');
  }

  /** @returns whether that was not too much */
  add(bytes: Buffer): boolean {
    const room = MOST_COMMAND_OUTPUT - this.#length;
    this.#pieces.push(bytes.subarray(0, room));
    this.#length += Math.min(bytes.length, room);
    return bytes.length <= room;
  }
}
