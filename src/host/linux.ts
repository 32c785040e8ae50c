import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, readdir, readFile, readlink, writeFile } from 'node:fs/promises';
import { constants as system } from 'node:os';
import { codeOf } from '../common/error-code.js';
import type { Host, ProgramResult } from './host.js';
import { programs } from './programs.js';
import type { Program } from './programs.js';

const DEADLINE_MS = 30_000;
/** Far more than a director's rules, routes and addresses come to; what says more than that is ended. */
const MOST_OUTPUT_BYTES = 256 * 1024 * 1024;
const SETTINGS = '/proc/sys/';

/** The machine that this process runs on, as its network namespace sees it. */
export const linuxHost: Host = {
  read: (path) => orUndefined(readFile(path, 'utf8')),
  list: async (folder) => (await orUndefined(readdir(folder))) ?? [],
  link: (path) => readlink(path).catch(() => undefined),
  write: async (path, text) => {
    if (!path.startsWith(SETTINGS) || path.includes('/../')) {
      throw new RangeError(`not a setting of the kernel: ${path}`);
    }
    await writeFile(path, `${text}\n`, { flag: constants.O_WRONLY });
  },
  probeTcp: async (...where) => (await import('./tcp-probe.js')).probeTcp(...where),
  run: async (program, words, input = '') => {
    const path = await pathOf(program);
    return path === undefined ? undefined : start(path, words, input);
  },
};

/** What is not there is undefined; what cannot be read is an error. */
async function orUndefined<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    // A process may end, and an interface may go, while their files are read.
    if (/^(?:ENOENT|ENOTDIR|ESRCH|ENODEV)$/.test(codeOf(error))) return undefined;
    throw error;
  }
}

/** The kernel says by itself which loader it calls for the modules that it needs. */
async function pathOf(program: Program): Promise<string | undefined> {
  const named = program === 'modprobe' ? await orUndefined(readFile(LOADER, 'utf8')) : undefined;
  for (const path of [...(named ? [named.trim()] : []), ...programs[program]]) {
    const there = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (there) return path;
  }
  return undefined;
}

const LOADER = '/proc/sys/kernel/modprobe';

function start(path: string, words: readonly string[], input: string): Promise<ProgramResult> {
  return new Promise((resolve) => {
    const child = execFile(
      path,
      words,
      {
        timeout: DEADLINE_MS,
        maxBuffer: MOST_OUTPUT_BYTES,
        // Its words are read: they must be those of no language.
        env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' },
      },
      (error, stdout, stderr) => {
        const said = stderr === '' && error !== null ? `${error.message}\n` : stderr;
        resolve({ status: statusOf(error), stdout, stderr: said });
      },
    );
    // One that does not read what it is given is no fault of ours.
    child.stdin?.on('error', () => undefined).end(input);
  });
}

function statusOf(error: Error | null): number {
  if (error === null) return 0;
  if ('code' in error && typeof error.code === 'number') return error.code;
  const signal = 'signal' in error && typeof error.signal === 'string' ? error.signal : '';
  return 128 + (signal in system.signals ? system.signals[signal as NodeJS.Signals] : 0);
}
