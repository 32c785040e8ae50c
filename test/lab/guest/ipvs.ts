/** Called in an agent: the command `ipvs` on the machine that the agent runs on, in this process. */
import { runIpvs } from '../../../src/cli/program.js';
import { systemResolver } from '../../../src/terminal/main-resolver.js';
import type { CommandResult } from '../protocol.js';

export async function ipvs(words: readonly string[]): Promise<CommandResult> {
  let stdout = '';
  let stderr = '';
  const code = await runIpvs(words, {
    io: {
      stdin: { [Symbol.asyncIterator]: () => ({ next: unread }) },
      stdout: { write: (text: string) => void (stdout += text) },
      stderr: { write: (text: string) => void (stderr += text) },
      resolver: systemResolver,
    },
    package: { folder: '/nonexistent', node: process.execPath },
  });
  return { code, stdout, stderr };
}

function unread(): never {
  throw new Error('standard input is not for this command');
}
