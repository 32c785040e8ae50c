import { LONGEST_LINE, readLines } from '../ipvs/lines.js';
import type { Operation } from '../ipvs/operations.js';
import { execute } from './execute.js';
import type { KernelInvocation } from './execute.js';
import type { Invocation, TableCommand } from './invocation.js';
import { kernelErrorText } from './kernel-errors.js';
import { resolveAndParse } from './resolve.js';
import type { Session } from './session.js';
import { exitStatus, printable, tryHelp } from './usage-error.js';

/** A line of the input, for complaints about it. */
export interface RuleLine {
  readonly number: number;
  readonly text: string;
}

/** A line that was read, and what it asks for. */
export interface Rule {
  readonly line: RuleLine;
  readonly invocation: KernelInvocation;
}

/** A line that asks for nothing that can be done. */
interface Fault {
  readonly line: RuleLine;
  readonly complaint: string;
}

/** The longest piece of a line that a complaint shows. */
const SHOWN_CHARACTERS = 200;
/** Input is checked as a whole, so it is kept as a whole: these bound what an endless one may take. */
const MOST_RULES = 1_000_000;
const MOST_FAULTS = 1000;

/**
 * Carries out the lines of standard input. All are read and checked before the first takes effect: input with a fault
 * changes nothing. What the kernel refuses is reported and does not stop the rest.
 * @param clearFirst whether the table is cleared before, as ipvsadm-restore does.
 */
export async function restore(session: Session, clearFirst: boolean): Promise<number> {
  const rules = await readRules(session, session.io.stdin);
  if (rules === undefined) return exitStatus.usage;
  let status: number = exitStatus.ok;
  for (const step of steps(rules, clearFirst)) {
    const done = 'operations' in step ? applyBatch(session, step) : applyOne(session, step.alone);
    if ((await done) !== exitStatus.ok) status = exitStatus.refused;
  }
  return status;
}

/** Reads rules and says what is wrong with them; undefined when anything is. */
export async function readRules(
  session: Session,
  input: AsyncIterable<Uint8Array>,
): Promise<Rule[] | undefined> {
  const { rules, faults } = await checkLines(session, input);
  for (const { line, complaint } of faults) await session.complain(refusal(line, complaint));
  return faults.length === 0 ? rules : undefined;
}

/** Reads and checks all lines, until there are too many or too many are faulty. */
async function checkLines(
  session: Session,
  input: AsyncIterable<Uint8Array>,
): Promise<{ rules: Rule[]; faults: Fault[] }> {
  const rules: Rule[] = [];
  const faults: Fault[] = [];
  let number = 0;
  for await (const lines of readLines(input)) {
    for (const text of lines) {
      number += 1;
      const line = { number, text };
      const read = await readRule(session, line);
      if (read === undefined) continue;
      if (rules.length === MOST_RULES) {
        return { rules, faults: [...faults, { line, complaint: `more than ${MOST_RULES} rules` }] };
      }
      if ('invocation' in read) rules.push(read);
      else if (faults.push(read) === MOST_FAULTS) return { rules, faults };
    }
  }
  return { rules, faults };
}

/** Empty lines and comments say nothing; the word `ipvsadm` may stand anywhere. */
async function readRule(session: Session, line: RuleLine): Promise<Rule | Fault | undefined> {
  if (line.text.length > LONGEST_LINE) return { line, complaint: 'the line is too long' };
  const words = line.text.split(/[ \t\r]+/).filter((word) => word !== '' && word !== 'ipvsadm');
  if (words.length === 0 || words[0]?.startsWith('#') === true) return undefined;
  const parsed = await resolveAndParse(words, session.names);
  if (parsed.kind === 'error') {
    // One text ends in an empty line of its own, which would come between a complaint and its line.
    return { line, complaint: parsed.error.message.replace(/\n$/, '') };
  }
  const { invocation } = parsed;
  return isForKernel(invocation) ? { line, invocation } : { line, complaint: tryHelp().message };
}

/** The others are for a command line alone: standard input is being read already. */
function isForKernel(invocation: Invocation): invocation is KernelInvocation {
  const { command } = invocation;
  return command !== 'restore' && command !== 'help' && command !== 'version';
}

/** Changes of the table that go to the kernel together, or a rule that is something else. */
type Step = Batch | { readonly alone: Rule };

interface Batch {
  readonly operations: Operation[];
  /** Where each operation comes from; undefined is the clearing before the first line. */
  readonly sources: (TableRule | undefined)[];
}

interface TableRule {
  readonly line: RuleLine;
  readonly command: TableCommand;
}

function* steps(rules: readonly Rule[], clearFirst: boolean): Generator<Step, void, undefined> {
  let batch: Batch = { operations: [], sources: [] };
  if (clearFirst) {
    batch.operations.push({ operation: 'flush' });
    batch.sources.push(undefined);
  }
  for (const rule of rules) {
    const { line, invocation } = rule;
    if ('operation' in invocation) {
      batch.operations.push(invocation.operation);
      batch.sources.push({ line, command: invocation.command });
      continue;
    }
    if (batch.operations.length > 0) yield batch;
    yield { alone: rule };
    batch = { operations: [], sources: [] };
  }
  if (batch.operations.length > 0) yield batch;
}

async function applyBatch(session: Session, { operations, sources }: Batch): Promise<number> {
  const client = await session.client();
  const { failures } = await client.batch(operations);
  for (const { index, error } of failures) {
    const source = sources[index];
    await session.complain(
      source === undefined
        ? kernelErrorText('flush', error)
        : refusal(source.line, kernelErrorText(source.command, error)),
    );
  }
  return failures.length === 0 ? exitStatus.ok : exitStatus.refused;
}

function applyOne(session: Session, { line, invocation }: Rule): Promise<number> {
  return execute(session, invocation, (complaint) => refusal(line, complaint));
}

/** Which line, what is wrong with it, and the line itself. */
export function refusal({ number, text }: RuleLine, complaint: string): string {
  const line = text.trim();
  const shown = line.length > SHOWN_CHARACTERS ? `${line.slice(0, SHOWN_CHARACTERS)}...` : line;
  return `line ${number}: ${complaint}\n  ${printable(shown)}`;
}
