import type { OpenNetlinkSocket } from '../netlink/socket.js';
import { execute } from './execute.js';
import type { Io } from '../terminal/io.js';
import { resolveAndParse } from '../rules/resolve.js';
import { restore } from './restore.js';
import { CliError } from '../terminal/cli-error.js';
import { runInSession } from '../terminal/session.js';
import type { Session } from '../terminal/session.js';
import { compatibleStatus } from './exit-status.js';
import { explainRule } from './usage.js';
import { versionLine } from './version-line.js';

/** The commands of the package that are compatible with the genuine ones. */
export type ProgramName = 'ipvsadm' | 'ipvsadm-save' | 'ipvsadm-restore';

const programs: Readonly<
  Record<ProgramName, (session: Session, words: readonly string[]) => Promise<number>>
> = {
  ipvsadm,
  'ipvsadm-save': ipvsadmSave,
  // Its arguments have never meant anything.
  'ipvsadm-restore': (session) => restore(session, true),
};

/**
 * Runs a command. It touches nothing of its process but what `io` is.
 * @param words the arguments, without the names of node and of the script.
 * @param socket what a test has in the kernel's place.
 * @returns the exit status.
 */
export async function run(
  program: ProgramName,
  words: readonly string[],
  io: Io,
  socket?: OpenNetlinkSocket,
): Promise<number> {
  return runInSession(io, socket, (session) => programs[program](session, words), explainRule);
}

async function ipvsadm(session: Session, words: readonly string[]): Promise<number> {
  // No arguments at all: the list, with names.
  const parsed = await resolveAndParse(words.length === 0 ? ['-L'] : words, session.names);
  if (parsed.kind === 'error') throw parsed.error;
  const { invocation } = parsed;
  switch (invocation.command) {
    case 'help': {
      const { helpText } = await import('./help.js');
      await session.output.line(helpText());
      return compatibleStatus.done;
    }
    case 'version':
      await session.output.line(versionLine());
      return compatibleStatus.done;
    case 'restore':
      return restore(session, false);
    default:
      return execute(session, invocation);
  }
}

async function ipvsadmSave(session: Session, words: readonly string[]): Promise<number> {
  if (words.some((word) => word.startsWith('-') && word !== '-n')) {
    throw new CliError(SAVE_USAGE, compatibleStatus.failed);
  }
  return execute(session, { command: 'save', numeric: words.includes('-n') });
}

const SAVE_USAGE = `Usage: ipvsadm-save [-n]
Writes the virtual services and their real servers to standard output as rules that
ipvsadm-restore reads.
  -n  numbers instead of names for addresses and ports

Example: ipvsadm-save -n > /etc/ipvsadm.rules`;
