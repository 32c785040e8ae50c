import { randomBytes } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { codeOf } from '../common/error-code.js';
import { errorText } from '../common/system-errors.js';
import type { Host } from './host.js';
import { hostCall, HostError } from './host-error.js';

/** What to do while another process holds the lock. */
export interface LockOptions {
  /** How long to wait for it, in milliseconds. Default 0. */
  readonly waitMs?: number;
  /** Called once, after a second of waiting, with the PID of the holder. */
  readonly onWaiting?: (pid: string) => Promise<void>;
}

const POLL_MS = 20;
const PATIENCE_MS = 1000;

/** Another process holds the lock. */
export class LockHeldError extends HostError {
  readonly pid: string;

  constructor(pid: string) {
    super(`Another ipvs (PID ${pid}) is changing this machine. Wait for it, and try again.`);
    this.pid = pid;
  }
}

/**
 * Lets one process at a time change something. The lock is a file with the PID and the start time of its holder; it is
 * stale when no such process exists.
 * @returns a function that releases it.
 * @throws LockHeldError when the holder still has it after the time to wait.
 */
export async function lock(
  host: Host,
  path: string,
  { waitMs = 0, onWaiting }: LockOptions = {},
): Promise<() => Promise<void>> {
  const start = performance.now();
  let isTold = onWaiting === undefined;
  for (;;) {
    try {
      return await tryLock(host, path);
    } catch (error) {
      const waited = performance.now() - start;
      if (!(error instanceof LockHeldError) || waited >= waitMs) throw error;
      if (!isTold && waited >= PATIENCE_MS) {
        isTold = true;
        await onWaiting?.(error.pid);
      }
      await setTimeout(POLL_MS);
    }
  }
}

async function tryLock(host: Host, path: string): Promise<() => Promise<void>> {
  const own = holderIn(await host.read('/proc/self/stat')) ?? '0 0';
  const beside = `${path}.${randomBytes(6).toString('hex')}`;
  await hostCall(`Cannot write ${beside}`, writeFile(beside, own, { mode: 0o600, flag: 'wx' }));
  try {
    // A link appears with its contents or not at all.
    if (!(await linked(beside, path))) {
      await breakStale(host, path);
      if (!(await linked(beside, path))) throw held(await contents(path));
    }
  } finally {
    await rm(beside, { force: true });
  }
  return () => rm(path, { force: true });
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw new HostError(`Cannot lock ${to}: ${errorText(error)}`);
  }
}

async function breakStale(host: Host, path: string): Promise<void> {
  const holder = await contents(path);
  const [pid = ''] = holder.split(' ');
  if (holderIn(await host.read(`/proc/${pid}/stat`)) === holder) throw held(holder);
  // Another process may do this too: whoever moved a newer lock away puts it back.
  const aside = `${path}.${randomBytes(6).toString('hex')}`;
  await rename(path, aside).catch(() => undefined);
  if ((await contents(aside)) !== holder) await linked(aside, path).catch(() => undefined);
  await rm(aside, { force: true });
}

const contents = (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '');

function held(holder: string): LockHeldError {
  return new LockHeldError(holder.split(' ')[0] ?? '');
}

/** Process number and start of a line of /proc/PID/stat, whose second field may hold blanks (proc(5)). */
function holderIn(stat: string | undefined): string | undefined {
  const [, pid, rest = ''] = /^(\d+) \(.*\) (.*)$/s.exec(stat ?? '') ?? [];
  const STARTED = 19;
  return pid === undefined ? undefined : `${pid} ${rest.split(' ')[STARTED] ?? ''}`;
}
