import type { ExecFileException } from 'node:child_process';
import { programs } from './programs.js';
import type { Program } from './programs.js';
import { errorText } from './system-errors.js';

/** What a program printed, and how it ended. */
export interface ProgramResult {
  /** Its exit status; 128 and the number of the signal that ended it; 127 when it could not be started. */
  readonly status: number;
  readonly stdout: string;
  /** If it could not be started or did not end in time, the reason. */
  readonly stderr: string;
}

export interface RunProgramOptions {
  /** Its standard input; empty by default. */
  readonly input?: string | undefined;
  /** When it is killed; 30 s by default. */
  readonly timeoutMs?: number | undefined;
  /** Variables of its environment beside PATH and the language. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Kills it. */
  readonly signal?: AbortSignal | undefined;
}

const TIMEOUT_MS = 30_000;
/** Far more than the rules, routes and addresses of a director; a program that prints more is killed. */
const MOST_OUTPUT_MEBIBYTES = 256;
const NOT_STARTED = 127;

/** Runs a program by its full path, without a shell. @returns undefined when it is not installed. */
export async function runProgram(
  program: Program,
  words: readonly string[],
  options: RunProgramOptions = {},
): Promise<ProgramResult | undefined> {
  const path = await pathOf(program);
  return path === undefined ? undefined : await start(path, words, options);
}

/** The loader that the kernel calls for the modules it needs itself: some distributions keep it elsewhere than usual. */
const LOADER = '/proc/sys/kernel/modprobe';

async function pathOf(program: Program): Promise<string | undefined> {
  const { constants } = await import('node:fs');
  const { access, readFile } = await import('node:fs/promises');
  const kernelsOwn = async () =>
    program === 'modprobe' ? (await readFile(LOADER, 'utf8').catch(() => '')).trim() : '';
  // The usual paths come first: ipvsadm 1.31 runs /sbin/modprobe whatever the kernel names.
  for (const usual of [...programs[program], undefined]) {
    const path = usual ?? (await kernelsOwn());
    if (path === '') continue;
    const isExecutable = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isExecutable) return path;
  }
  return undefined;
}

async function start(
  path: string,
  words: readonly string[],
  { input = '', timeoutMs = TIMEOUT_MS, env, signal }: RunProgramOptions,
): Promise<ProgramResult> {
  // child_process costs a few milliseconds at each start, and is seldom needed.
  const { execFile } = await import('node:child_process');
  const { constants } = await import('node:os');
  return await new Promise((resolve) => {
    const child = execFile(
      path,
      words,
      {
        timeout: timeoutMs,
        maxBuffer: MOST_OUTPUT_MEBIBYTES * 2 ** 20,
        // Its output is parsed: it must not be translated.
        env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C', ...env },
        ...(signal && { signal }),
      },
      (error, stdout, stderr) => {
        const status = error === null ? 0 : statusOf(error, constants.signals);
        const reason = stderr === '' && error !== null ? reasonOf(error, path, timeoutMs) : '';
        resolve({ status, stdout, stderr: stderr + reason });
      },
    );
    // A program that does not read its input closes it.
    child.stdin?.on('error', () => undefined).end(input);
  });
}

function statusOf(
  { code, signal }: ExecFileException,
  signals: Readonly<Record<string, number>>,
): number {
  if (typeof code === 'number') return code;
  return signal ? 128 + (signals[signal] ?? 0) : NOT_STARTED;
}

/** Why a program failed, where it does not say so itself. */
function reasonOf(error: ExecFileException, path: string, timeoutMs: number): string {
  if (error.syscall !== undefined) return `cannot run ${path}: ${errorText(error)}\n`;
  if (error.code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') {
    return `${path} printed more than ${MOST_OUTPUT_MEBIBYTES} MiB\n`;
  }
  if (error.killed !== true) return '';
  return `${path} did not end within ${timeoutMs / 1000} s\n`;
}
