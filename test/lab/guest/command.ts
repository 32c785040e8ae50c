/** Called in an agent: our command, in this process. */
import { systemResolver } from '../../../src/terminal/main-resolver.js';
import { run, type ProgramName } from '../../../src/ipvsadm/program.js';
import type { CommandResult } from '../protocol.js';

// eslint-disable-next-line @typescript-eslint/require-await -- the interface asks for an asynchronous source
async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  if (bytes.length > 0) yield bytes;
}

export async function command(
  program: ProgramName,
  argv: readonly string[],
  stdinBase64: string,
): Promise<CommandResult> {
  let stdout = '';
  let stderr = '';
  const code = await run(program, argv, {
    stdin: once(Buffer.from(stdinBase64, 'base64')),
    stdout: { write: (text: string) => void (stdout += text) },
    stderr: { write: (text: string) => void (stderr += text) },
    resolver: systemResolver,
  });
  return { code, stdout, stderr };
}
