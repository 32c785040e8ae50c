import { join } from 'node:path';
import type { CommandResult } from '../lab/protocol.js';
import { runProcess } from '../support/run-process.js';
import { project } from '../support/sources.js';

/** What `npm run test:executable` builds before these tests. */
export const executables = {
  native: join(project, 'dist/executable', process.arch),
  arm64: join(project, 'dist/executable/arm64'),
};

/** Each command with arguments that change nothing, with or without IPVS. */
export const harmless = [
  ['ipvs', '-h'],
  ['ipvs', '--version'],
  ['ipvsadm', '-h'],
  ['ipvsadm', '-v'],
  ['ipvsadm-save', '-h'],
  // Its standard input is a folder, which is an error.
  ['ipvsadm-restore', ''],
] as const;

/** Runs a program. Its standard input is a folder, which cannot be read. */
export function run(
  words: readonly [string, ...string[]],
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<CommandResult> {
  return runProcess(['sh', '-c', 'exec "$@" </', 'sh', ...words], options);
}
