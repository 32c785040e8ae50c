import type { Io } from '../../src/terminal/io.js';
import { runIpvs as ownRunIpvs } from '../../src/cli/program.js';
import type { Host } from '../../src/host/host.js';
import type { OpenNetlinkSocket } from '../../src/netlink/socket.js';
import { noNames } from './command.js';
import type { Outcome } from './command.js';
import { tableKernel } from '../../src/testing/table-kernel.js';

export interface IpvsOptions {
  readonly kernel?: OpenNetlinkSocket;
  readonly folder?: string;
  readonly node?: string;
  readonly host?: Host;
  /** Where a set-up keeps what it has found. */
  readonly state?: string;
  /** What interrupts the command. */
  readonly signal?: AbortSignal;
  readonly superuser?: boolean;
  /** What standard input holds; without it, nobody may read that. */
  readonly stdin?: string;
  /** A copy of the program, by default the one that the tests have imported. */
  readonly runIpvs?: typeof ownRunIpvs;
}

/** Runs the command `ipvs` against a kernel that is a function. */
export async function ipvs(
  words: readonly string[],
  {
    kernel = tableKernel(),
    folder = '/nonexistent',
    node = '/usr/bin/node',
    host,
    state,
    signal,
    superuser = true,
    stdin,
    runIpvs = ownRunIpvs,
  }: IpvsOptions = {},
): Promise<Outcome> {
  const written = { stdout: '', stderr: '' };
  const io: Io = {
    stdin:
      stdin === undefined ? { [Symbol.asyncIterator]: () => ({ next: unread }) } : bytesOf(stdin),
    stdout: { write: (text) => void (written.stdout += text) },
    stderr: { write: (text) => void (written.stderr += text) },
    resolver: noNames,
    superuser,
    ...(signal === undefined ? {} : { interruption: () => signal }),
  };
  const status = await runIpvs(words, {
    io,
    package: { folder, node },
    socket: kernel,
    host,
    state,
  });
  return { status, ...written };
}

// eslint-disable-next-line @typescript-eslint/require-await -- a stream is what the command takes
async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text);
}

/** Rules come from files: whoever reads standard input hangs a boot. */
function unread(): never {
  throw new Error('standard input is not for this command');
}
