import { spawn } from 'node:child_process';
import type { CommandResult } from '../lab/protocol.js';

/** Runs a program on this machine to its end, whatever that is. Standard input is empty unless given. */
export async function runProcess(
  [program, ...args]: readonly [string, ...string[]],
  options: {
    readonly cwd?: string;
    readonly env?: NodeJS.ProcessEnv;
    readonly stdin?: string;
  } = {},
): Promise<CommandResult> {
  const { stdin = '', ...rest } = options;
  const child = spawn(program, args, rest);
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const code = await new Promise<number>((resolve, reject) => {
    child.once('error', reject).once('close', (status) => {
      resolve(status ?? -1);
    });
    // A program may end before it has read everything.
    child.stdin.on('error', () => undefined).end(stdin);
  });
  return { code, stdout, stderr };
}
