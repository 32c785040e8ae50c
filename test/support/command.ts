// What a command loads when it needs it: while it is being fetched, time that a test makes up would pass.
import '../../src/ipvs/client/client.js';
import type { Io } from '../../src/terminal/io.js';
import type { Resolver } from '../../src/rules/names.js';
import { run } from '../../src/ipvsadm/program.js';
import type { ProgramName } from '../../src/ipvsadm/program.js';
import type { OpenNetlinkSocket } from '../../src/netlink/socket.js';
import { tableKernel } from '../../src/testing/table-kernel.js';

export interface Outcome {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Sysctl {
  readonly program?: ProgramName;
  /** Standard input; several pieces arrive one after the other. */
  readonly stdin?: string | Iterable<string | Uint8Array>;
  /** Default: a kernel with an empty table. */
  readonly kernel?: OpenNetlinkSocket;
  readonly resolver?: Resolver;
  readonly superuser?: boolean;
  readonly terminal?: Io['terminal'];
  /** Aborted by a signal to end, with the exit status for a reason. */
  readonly interruption?: AbortSignal;
}

/** A resolver that knows nobody. */
export const noNames: Resolver = {
  addressOf: () => Promise.reject(new Error('ENOTFOUND')),
  nameOf: () => Promise.reject(new Error('ENOTFOUND')),
};

/** Runs a command line, words divided by blanks, against a kernel that is a function. */
export async function command(line: string, setting: Sysctl = {}): Promise<Outcome> {
  const words = line === '' ? [] : line.split(' ');
  return commandWords(words, setting);
}

/** The same for words that hold blanks. */
export async function commandWords(
  words: readonly string[],
  setting: Sysctl = {},
): Promise<Outcome> {
  const { program = 'ipvsadm', stdin = '', kernel, resolver = noNames } = setting;
  const { superuser, terminal, interruption } = setting;
  const written = { stdout: '', stderr: '' };
  const io: Io = {
    stdin: pieces(typeof stdin === 'string' ? [stdin] : stdin),
    stdout: { write: (text) => void (written.stdout += text) },
    stderr: { write: (text) => void (written.stderr += text) },
    resolver,
    ...(superuser !== undefined && { superuser }),
    ...(terminal !== undefined && { terminal }),
    ...(interruption !== undefined && { interruption: () => interruption }),
  };
  const status = await run(program, words, io, kernel ?? tableKernel());
  return { status, ...written };
}

// eslint-disable-next-line @typescript-eslint/require-await -- a stream that has all it will give
async function* pieces(texts: Iterable<string | Uint8Array>) {
  for (const text of texts) yield typeof text === 'string' ? Buffer.from(text) : text;
}

/** The outcome of a command that did its work and had nothing to say. */
export const silence: Outcome = { status: 0, stdout: '', stderr: '' };
