import type { Operation } from '../ipvs/client/operations.js';
import { IpvsError } from '../ipvs/errors.js';
import { carryOut } from '../ipvsadm/execute.js';
import type { KernelInvocation } from '../ipvsadm/execute.js';
import { kernelErrorText } from '../ipvsadm/kernel-errors.js';
import { parse } from '../rules/parse.js';
import { isForKernel } from '../rules/parse-rules.js';
import { commandOf } from '../ipvsadm/restore.js';
import type { Session } from '../terminal/session.js';
import type { Host, ProgramResult } from '../host/host.js';
import type { Program } from '../host/programs.js';
import { CliError, withContext } from '../terminal/cli-error.js';
import { commandLine } from './step.js';
import type { Command } from './step.js';

/** A command that was refused. */
export class CommandFailed extends CliError {
  readonly command: Command;

  constructor(command: Command, reason: string) {
    super(`${commandLine(command)}: ${reason}`);
    this.command = command;
  }
}

type Started = Extract<Command, { readonly program: unknown }>;

/**
 * Carries out commands one after the other: rules of IPVS last and at once, those of `ip` that follow each other by one
 * process, for there may be thousands of either. @throws CommandFailed at the first that fails.
 */
export async function perform(
  host: Host,
  session: Session,
  commands: readonly Command[],
): Promise<void> {
  const rules: Started[] = [];
  let batch: Started[] = [];
  for (const command of commands) {
    if ('program' in command && command.program === 'ipvsadm') {
      rules.push(command);
      continue;
    }
    const [first] = batch;
    if (first !== undefined && !goesWith(first, command)) {
      await runIp(host, batch);
      batch = [];
    }
    if ('setting' in command) await set(host, command);
    else if (command.program === 'modprobe') await load(host, command);
    else batch.push(command);
  }
  await runIp(host, batch);
  await applyRules(session, rules);
}

/** What stands before the object: `-6`. */
function optionsOf({ words }: Started): readonly string[] {
  return words.slice(
    0,
    words.findIndex((word) => !word.startsWith('-')),
  );
}

function goesWith(first: Started, command: Command): boolean {
  return (
    'program' in command &&
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

async function load(host: Host, command: Started): Promise<void> {
  const said = await host.run('modprobe', command.words);
  if (said?.status !== 0) throw new CommandFailed(command, reasonIn(said, 'modprobe'));
}

async function runIp(host: Host, commands: readonly Started[]): Promise<void> {
  const [first] = commands;
  if (first === undefined) return;
  const options = optionsOf(first);
  const lines = commands.map(({ words }) => `${words.slice(options.length).join(' ')}\n`);
  const said = await host.run('ip', [...options, '-batch', '-'], lines.join(''));
  if (said?.status === 0) return;
  // It ends at the first that fails, and says which line that was.
  const line = Number(/^Command failed -:(\d+)/m.exec(said?.stderr ?? '')?.[1] ?? 1);
  throw new CommandFailed(commands[line - 1] ?? first, reasonIn(said, 'ip'));
}

function reasonIn(said: ProgramResult | undefined, program: Program): string {
  if (said === undefined) return `the program ${program} is not there`;
  const [reason = ''] = said.stderr.trim().split('\n');
  return reason === '' ? `status ${said.status}` : reason;
}

async function applyRules(session: Session, rules: readonly Started[]): Promise<void> {
  const operations: Operation[] = [];
  const asked: Started[] = [];
  for (const rule of rules) {
    const invocation = invocationOf(rule.words, session);
    if ('operation' in invocation) {
      operations.push(invocation.operation);
      asked.push(rule);
    } else await refusable(rule, invocation, session);
  }
  if (operations.length === 0) return;
  const [failure] = (await (await session.client()).batch(operations)).failures;
  if (failure === undefined) return;
  const [operation, command] = [operations[failure.index], asked[failure.index]];
  if (operation === undefined || command === undefined) throw failure.error;
  throw new CommandFailed(command, kernelErrorText(commandOf(operation), failure.error));
}

async function refusable(
  command: Started,
  invocation: KernelInvocation,
  session: Session,
): Promise<void> {
  try {
    await carryOut(session, invocation);
  } catch (error) {
    if (!(error instanceof IpvsError)) throw error;
    throw new CommandFailed(command, kernelErrorText(invocation.command, error));
  }
}

function invocationOf(words: readonly string[], session: Session): KernelInvocation {
  const parsed = parse(words, session.names);
  if (parsed.kind === 'invocation' && isForKernel(parsed.invocation)) return parsed.invocation;
  throw new CliError(`not a rule: ${words.join(' ')}`);
}
