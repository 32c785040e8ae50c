import { spawn } from 'node:child_process';
import { buffer } from 'node:stream/consumers';
import { join } from 'node:path';
import { project } from '../support/sources.js';

/** What `npm run test:executable` builds before these tests. */
export const executables = {
  native: join(project, 'dist/executable', process.arch),
  arm64: join(project, 'dist/executable/arm64'),
};

/** Each command with words that change nothing, where there is IPVS and where there is none. */
export const harmless = [
  ['ipvs', '-h'],
  ['ipvs', '--version'],
  ['ipvsadm', '-h'],
  ['ipvsadm', '-v'],
  ['ipvsadm-save', '-h'],
  // It reads a folder, which is an error.
  ['ipvsadm-restore', ''],
] as const;

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program. Its standard input is a folder, which nothing can be read from. */
export async function run(
  words: readonly [string, ...string[]],
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<Ended> {
  const script = 'exec "$@" </';
  const child = spawn('sh', ['-c', script, 'sh', ...words], {
    ...options,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject).on('close', resolve);
  });
  const [code, stdout, stderr] = await Promise.all([
    ended,
    buffer(child.stdout),
    buffer(child.stderr),
  ]);
  return { code, stdout: stdout.toString(), stderr: stderr.toString() };
}
