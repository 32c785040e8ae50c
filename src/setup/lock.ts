import { randomBytes } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { codeOf } from '../common/error-code.js';
import { errorText } from '../common/system-errors.js';
import type { Host } from '../host/host.js';
import { CliError, withContext } from '../terminal/cli-error.js';

/**
 * Lets one process at a time set a machine up. The lock is a file with the PID and the start time of its holder; it is
 * stale when no such process exists.
 * @returns a function that releases it.
 */
export async function lock(host: Host, path: string): Promise<() => Promise<void>> {
  const own = holderIn(await host.read('/proc/self/stat')) ?? '0 0';
  const beside = `${path}.${randomBytes(6).toString('hex')}`;
  await withContext(`Cannot write ${beside}`, writeFile(beside, own, { mode: 0o600, flag: 'wx' }));
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
    throw new CliError(`Cannot lock ${to}: ${errorText(error)}`);
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

function held(holder: string): CliError {
  return new CliError(
    `Another ipvs (PID ${holder.split(' ')[0] ?? ''}) is setting this machine up. Wait for it, and try again.`,
  );
}

/** Process number and start of a line of /proc/PID/stat, whose second field may hold blanks (proc(5)). */
function holderIn(stat: string | undefined): string | undefined {
  const [, pid, rest = ''] = /^(\d+) \(.*\) (.*)$/s.exec(stat ?? '') ?? [];
  const STARTED = 19;
  return pid === undefined ? undefined : `${pid} ${rest.split(' ')[STARTED] ?? ''}`;
}
