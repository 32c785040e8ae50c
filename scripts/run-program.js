import { spawnSync } from 'node:child_process';

/** A failure whose message says all there is to know. */
export class ScriptError extends Error {}

/** Runs a program. @returns what it prints. @throws ScriptError with what it says when it fails. */
export function runProgram(program, args, options = {}) {
  const { status, error, stdout, stderr } = spawnSync(program, args, {
    encoding: 'utf8',
    ...options,
  });
  if (status === 0) return stdout;
  const said = `${stdout ?? ''}${stderr ?? ''}`;
  throw new ScriptError(`${program} ${args.join(' ')} failed: ${error?.message ?? said}`);
}

/** Does the work of a script. Of a failure that explains itself only the message is printed. */
export async function main(work) {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof ScriptError)) throw error;
    console.error(error.message);
    process.exit(1);
  }
}
