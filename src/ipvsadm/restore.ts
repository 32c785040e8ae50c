import { readLines } from '../ipvs/lines.js';
import type { Operation } from '../ipvs/operations.js';
import { execute } from './execute.js';
import type { KernelInvocation } from './execute.js';
import type { Invocation, TableCommand } from './invocation.js';
import { kernelErrorText } from './kernel-errors.js';
import { parse } from './parse.js';
import { resolveAndParse } from './resolve.js';
import type { Session } from './session.js';
import { exitStatus, printable, tryHelp } from './usage-error.js';
import type { UsageError } from './usage-error.js';

/** A line of the input that says something. */
interface RuleLine {
  readonly number: number;
  readonly text: string;
  readonly words: readonly string[];
}

/** A line that was read, and what it asks for. */
interface Rule {
  readonly line: RuleLine;
  readonly invocation: KernelInvocation;
}

/** The longest piece of a faulty line that a complaint shows. */
const SHOWN_CHARACTERS = 200;

/**
 * Carries out the lines of standard input. All are read and checked before the first takes effect: input with a fault
 * changes nothing. What the kernel refuses is reported and does not stop the rest.
 * @param clearFirst whether the table is cleared before, as ipvsadm-restore does.
 */
export async function restore(session: Session, clearFirst: boolean): Promise<number> {
  const lines = await readRuleLines(session.io.stdin);
  const { rules, faults } = await checkLines(session, lines);
  if (faults.length > 0) {
    for (const { line, error } of faults) await session.complain(refusal(line, error.message));
    return exitStatus.usage;
  }
  let status: number = exitStatus.ok;
  for (const step of steps(rules, clearFirst)) {
    const outcome =
      step.operations.length > 0
        ? await applyBatch(session, step)
        : await applyOne(session, step.other);
    if (outcome !== exitStatus.ok) status = exitStatus.refused;
  }
  return status;
}

/** The words of each line. Empty lines and comments say nothing, and the word `ipvsadm` may stand anywhere. */
async function readRuleLines(stdin: AsyncIterable<Uint8Array>): Promise<RuleLine[]> {
  const rules: RuleLine[] = [];
  let number = 0;
  for await (const lines of readLines(stdin)) {
    for (const text of lines) {
      number += 1;
      const words = text.split(/[ \t\r]+/).filter((word) => word !== '' && word !== 'ipvsadm');
      if (words.length > 0 && !words[0]?.startsWith('#')) rules.push({ number, text, words });
    }
  }
  return rules;
}

async function checkLines(
  session: Session,
  lines: readonly RuleLine[],
): Promise<{ rules: Rule[]; faults: { line: RuleLine; error: UsageError }[] }> {
  const rules: Rule[] = [];
  const faults: { line: RuleLine; error: UsageError }[] = [];
  for (const line of lines) {
    const parsed = parse(line.words, session.names);
    const known =
      parsed.kind === 'lookup' ? await resolveAndParse(line.words, session.names) : parsed;
    if (known.kind === 'error') faults.push({ line, error: known.error });
    else if (isForKernel(known.invocation)) rules.push({ line, invocation: known.invocation });
    else faults.push({ line, error: tryHelp() });
  }
  return { rules, faults };
}

/** The others are for a command line alone: standard input is being read already. */
function isForKernel(invocation: Invocation): invocation is KernelInvocation {
  const { command } = invocation;
  return command !== 'restore' && command !== 'help' && command !== 'version';
}

/** Rules that go to the kernel together, or a single one that is no change of the table. */
interface Step {
  readonly operations: Operation[];
  readonly sources: (TableRule | undefined)[];
  readonly other: Rule | undefined;
}

interface TableRule {
  readonly line: RuleLine;
  readonly command: TableCommand;
}

function steps(rules: readonly Rule[], clearFirst: boolean): Step[] {
  const all: Step[] = [];
  let batch: Step = { operations: [], sources: [], other: undefined };
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
    all.push(batch, { operations: [], sources: [], other: rule });
    batch = { operations: [], sources: [], other: undefined };
  }
  all.push(batch);
  return all.filter(({ operations, other }) => operations.length > 0 || other !== undefined);
}

async function applyBatch(session: Session, { operations, sources }: Step): Promise<number> {
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

async function applyOne(session: Session, rule: Rule | undefined): Promise<number> {
  if (rule === undefined) return exitStatus.ok;
  return execute(session, rule.invocation, (text) => refusal(rule.line, text));
}

/** Which line, what is wrong with it, and the line itself. */
function refusal({ number, text }: RuleLine, complaint: string): string {
  const line = text.trim();
  const shown = line.length > SHOWN_CHARACTERS ? `${line.slice(0, SHOWN_CHARACTERS)}...` : line;
  return `line ${number}: ${complaint}\n  ${printable(shown)}`;
}
