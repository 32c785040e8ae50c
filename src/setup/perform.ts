import { IpvsError } from '../ipvs/errors.js';
import type { Session } from '../terminal/session.js';
import type { ProgramResult } from '../common/run-program.js';
import type { Host } from '../host/host.js';
import type { Program } from '../common/programs.js';
import { CliError, withContext } from '../terminal/cli-error.js';
import { apply } from '../state/apply.js';
import { applyInvocation } from '../state/apply-invocation.js';
import { toDifference } from '../state/diff.js';
import { commandLine } from './command.js';
import type { Command, OperationCommand, ProgramCommand } from './command.js';
import { invocationOf } from './recorded-rules.js';

/** A command that was refused. */
export class CommandFailed extends CliError {
  readonly command: Command;

  constructor(command: Command, reason: string) {
    super(`${commandLine(command)}: ${reason}`);
    this.command = command;
  }
}

/**
 * Carries out commands in this order; those that follow each other and go together take one process or one batch, for
 * there may be thousands. @throws CommandFailed at the first that fails.
 */
export async function perform(
  host: Host,
  session: Session,
  commands: readonly Command[],
): Promise<void> {
  let run: Command[] = [];
  for (const command of commands) {
    const [first] = run;
    if (first !== undefined && !goesWith(first, command)) {
      await performRun(host, session, run);
      run = [];
    }
    run.push(command);
  }
  await performRun(host, session, run);
}

/** Carries out commands that go together. */
async function performRun(host: Host, session: Session, run: readonly Command[]): Promise<void> {
  const [command] = run;
  if (command === undefined) return;
  if ('setting' in command) await set(host, command);
  else if ('operation' in command) await applyOperations(session, run.filter(isOperation));
  else if (command.program === 'modprobe') await load(host, command);
  else if (command.program === 'ipvsadm') await executeRule(session, command);
  else await runIp(host, run.filter(isProgram));
}

const isOperation = (command: Command): command is OperationCommand => 'operation' in command;
const isProgram = (command: Command): command is ProgramCommand => 'program' in command;

/** What stands before the object: `-6`. */
function optionsOf({ words }: ProgramCommand): readonly string[] {
  return words.slice(
    0,
    words.findIndex((word) => !word.startsWith('-')),
  );
}

function goesWith(first: Command, command: Command): boolean {
  if ('operation' in first) return 'operation' in command;
  if (!isProgram(first) || !isProgram(command)) return false;
  return (
    first.program === 'ip' &&
    command.program === 'ip' &&
    optionsOf(first).join() === optionsOf(command).join()
  );
}

async function set(
  host: Host,
  command: Extract<Command, { readonly setting: string }>,
): Promise<void> {
  const writing = host.write(`/proc/sys/${command.setting}`, command.value);
  await withContext(commandLine(command), writing);
}

async function load(host: Host, command: ProgramCommand): Promise<void> {
  const said = await host.run('modprobe', command.words);
  if (said?.status !== 0) throw new CommandFailed(command, reasonIn(said, 'modprobe'));
}

async function runIp(host: Host, commands: readonly ProgramCommand[]): Promise<void> {
  const [first] = commands;
  if (first === undefined) return;
  const options = optionsOf(first);
  const lines = commands.map(({ words }) => `${words.slice(options.length).join(' ')}\n`);
  const said = await host.run('ip', [...options, '-batch', '-'], lines.join(''));
  if (said?.status === 0) return;
  // It stops at the first line that fails, and prints its number.
  const line = Number(/^Command failed -:(\d+)/m.exec(said?.stderr ?? '')?.[1] ?? 1);
  throw new CommandFailed(commands[line - 1] ?? first, reasonIn(said, 'ip'));
}

function reasonIn(said: ProgramResult | undefined, program: Program): string {
  if (said === undefined) return `the program ${program} is not installed`;
  const [reason = ''] = said.stderr.trim().split('\n');
  return reason === '' ? `status ${said.status}` : reason;
}

async function applyOperations(
  session: Session,
  commands: readonly OperationCommand[],
): Promise<void> {
  const operations = commands.map(({ operation }) => operation);
  const outcome = await apply(await session.client(), toDifference(operations));
  const [failure] = outcome.failures;
  if (failure === undefined) return;
  const command = commands.find(({ operation }) => operation === failure.operation);
  if (command === undefined) throw failure.error;
  throw new CommandFailed(command, failure.error.message);
}

async function executeRule(session: Session, command: ProgramCommand): Promise<void> {
  const invocation = invocationOf(command.words, session.names);
  try {
    await applyInvocation(await session.client(), invocation);
  } catch (error) {
    if (!(error instanceof IpvsError)) throw error;
    throw new CommandFailed(command, error.message);
  }
}
