import type { Operation } from '../../ipvs/operations.js';
import { IpvsError } from '../../ipvs/errors.js';
import { carryOut } from '../../ipvsadm/execute.js';
import type { KernelInvocation } from '../../ipvsadm/execute.js';
import { kernelErrorText } from '../../ipvsadm/kernel-errors.js';
import { parse } from '../../ipvsadm/parse.js';
import { isForKernel } from '../../ipvsadm/read-rules.js';
import { commandOf } from '../../ipvsadm/restore.js';
import type { Session } from '../../ipvsadm/session.js';
import type { Machine } from '../../machine/machine.js';
import type { Program } from '../../machine/programs.js';
import { Problem, saying } from '../problem.js';
import { commandLine } from './step.js';
import type { Command } from './step.js';

/** Carries out commands one after the other. @throws Problem at the first that fails. */
export async function perform(
  machine: Machine,
  session: Session,
  commands: readonly Command[],
): Promise<void> {
  const rules: string[][] = [];
  for (const command of commands) {
    if ('setting' in command) {
      const writing = machine.write(`/proc/sys/${command.setting}`, command.value);
      await saying(commandLine(command), writing);
    } else if (command.program === 'ipvsadm') rules.push([...command.words]);
    else await start(machine, command);
  }
  await applyRules(session, rules);
}

type Started = Extract<Command, { readonly program: unknown }>;

async function start(machine: Machine, command: Started): Promise<void> {
  if (command.program === 'modprobe') {
    await run(machine, 'modprobe', command.words, '', commandLine(command));
    return;
  }
  const first = command.words.findIndex((word) => !word.startsWith('-'));
  const options = command.words.slice(0, first);
  const line = command.words.slice(first).join(' ');
  await run(machine, 'ip', [...options, '-batch', '-'], `${line}\n`, commandLine(command));
}

async function run(
  machine: Machine,
  program: Program,
  words: readonly string[],
  input: string,
  shown: string,
): Promise<void> {
  const said = await machine.run(program, words, input);
  if (said === undefined) throw new Problem(`${shown}: the program ${program} is not there`);
  if (said.status === 0) return;
  const [reason = ''] = said.stderr.trim().split('\n');
  throw new Problem(`${shown}: ${reason === '' ? `status ${said.status}` : reason}`);
}

/** Rules of one step go to the kernel at once: a service may have thousands of real servers. */
async function applyRules(session: Session, rules: readonly string[][]): Promise<void> {
  const operations: Operation[] = [];
  for (const words of rules) {
    const invocation = invocationOf(words, session);
    if ('operation' in invocation) operations.push(invocation.operation);
    else await refusable(`ipvsadm ${words.join(' ')}`, invocation, session);
  }
  if (operations.length === 0) return;
  const [failure] = (await (await session.client()).batch(operations)).failures;
  if (failure === undefined) return;
  const operation = operations[failure.index];
  const reason = operation && kernelErrorText(commandOf(operation), failure.error);
  throw new Problem(`ipvsadm ${rules[failure.index]?.join(' ') ?? ''}: ${reason ?? ''}`);
}

async function refusable(
  line: string,
  invocation: KernelInvocation,
  session: Session,
): Promise<void> {
  try {
    await carryOut(session, invocation);
  } catch (error) {
    if (!(error instanceof IpvsError)) throw error;
    throw new Problem(`${line}: ${kernelErrorText(invocation.command, error)}`);
  }
}

function invocationOf(words: readonly string[], session: Session): KernelInvocation {
  const parsed = parse(words, session.names);
  if (parsed.kind === 'invocation' && isForKernel(parsed.invocation)) return parsed.invocation;
  throw new Problem(`not a rule: ${words.join(' ')}`);
}
