import { OperationBatch } from '../ipvs/client/requests.js';
import { IpvsError } from '../ipvs/errors.js';
import type { BatchFailure } from '../ipvs/client/kernel.js';
import type { Operation } from '../ipvs/client/operations.js';
import { execute } from './execute.js';
import type { TableCommand } from '../rules/invocation.js';
import { kernelErrorText } from './kernel-errors.js';
import { findFaults, refusal } from '../rules/parse-rules.js';
import type { Fault, Rule } from '../rules/parse-rules.js';
import type { Session } from '../terminal/session.js';
import { compatibleStatus } from './exit-status.js';
import { TRY_HELP } from './usage.js';

/** Changes that go to the kernel together. Signals and progress are handled between two such batches. */
const AT_ONCE = 512;

/**
 * Carries out the lines of standard input. All are read and checked before the first takes effect: input with a fault
 * changes nothing. What the kernel refuses is reported and does not stop the rest.
 * @param clearFirst whether the table is cleared before, as ipvsadm-restore does.
 */
export async function restore(session: Session, clearFirst: boolean): Promise<number> {
  const plan = new Plan();
  if (clearFirst) plan.clear();
  const faults = await findFaults(session.reading, session.io.stdin, (rule) => {
    plan.add(rule);
  });
  for (const fault of faults) await session.complain(refusal(fault.line, complaintOf(fault)));
  if (faults.length > 0) return compatibleStatus.usage;
  // Also without rules, as the genuine program does: a kernel that cannot be reached is an error.
  await session.client();
  return carryOut(session, plan);
}

/** The genuine program reports a line without a command like a command line without one. */
function complaintOf({ kind, complaint }: Fault): string {
  return kind === 'no-command' ? TRY_HELP : complaint;
}

/** Changes that go to the kernel together, and the lines they come from: as little as is enough for complaints. */
interface Batch {
  readonly operations: OperationBatch;
  /** Line 0 is the clearing before the first line. */
  readonly numbers: number[];
  readonly texts: string[];
}

/** What is to be done, in order: a rule by itself is about something else than the table. */
class Plan {
  readonly steps: (Batch | Rule)[] = [];
  /** How many rules there are. */
  rules = 0;

  clear(): void {
    this.#addOperation({ type: 'flush' }, 0, '');
  }

  add(rule: Rule): void {
    const { line, invocation } = rule;
    this.rules += 1;
    if ('operation' in invocation) {
      this.#addOperation(invocation.operation, line.number, line.text);
    } else {
      this.steps.push(rule);
    }
  }

  #addOperation(operation: Operation, number: number, text: string): void {
    let batch = this.steps.at(-1);
    if (batch === undefined || 'line' in batch || batch.numbers.length === AT_ONCE) {
      batch = { operations: new OperationBatch(AT_ONCE), numbers: [], texts: [] };
      this.steps.push(batch);
    }
    batch.operations.add(operation);
    batch.numbers.push(number);
    batch.texts.push(text);
  }
}

async function carryOut(session: Session, { steps, rules }: Plan): Promise<number> {
  const interruption = session.io.interruption?.();
  let status: number = compatibleStatus.done;
  let done = 0;
  let applied = 0;
  let lastLine = 0;
  for (const step of steps) {
    if (interruption?.aborted === true) {
      const place = applied === 0 ? '' : `, up to line ${lastLine}`;
      await session.complain(`interrupted: ${applied} of ${rules} rules applied${place}`);
      return Number(interruption.reason);
    }
    await session.progress.show(() => `${done} of ${rules} rules`);
    const outcome =
      'line' in step ? await applyOne(session, step) : await applyBatch(session, step);
    if (outcome === undefined) return compatibleStatus.refused;
    if (!outcome.well) status = compatibleStatus.refused;
    done += outcome.rules;
    applied += outcome.applied;
    lastLine = 'line' in step ? step.line.number : (step.numbers.at(-1) ?? lastLine);
  }
  return status;
}

/** How a step went: its rules, those of them that took effect, and whether all did, the clearing too. */
interface Outcome {
  readonly rules: number;
  readonly applied: number;
  readonly well: boolean;
}

/** @returns undefined when the kernel did not answer: then the rest has no sense. */
async function applyBatch(
  session: Session,
  { operations, numbers, texts }: Batch,
): Promise<Outcome | undefined> {
  const client = await session.client();
  const lines = numbers.filter((number) => number > 0);
  let failures: readonly BatchFailure[];
  try {
    ({ failures } = await client.batch(operations));
  } catch (error) {
    if (!(error instanceof IpvsError)) throw error;
    await session.complain(unknownText(lines, kernelErrorText(undefined, error)));
    return undefined;
  }
  for (const { index, error } of failures) {
    const [number = 0, text = ''] = [numbers[index], texts[index]];
    const complaint = kernelErrorText(commandOf(error.operation), error);
    await session.complain(number === 0 ? complaint : refusal({ number, text }, complaint));
  }
  const refused = failures.filter(({ index }) => (numbers[index] ?? 0) > 0);
  return {
    rules: lines.length,
    applied: lines.length - refused.length,
    well: failures.length === 0,
  };
}

async function applyOne(session: Session, { line, invocation }: Rule): Promise<Outcome> {
  const status = await execute(session, invocation, (complaint) => refusal(line, complaint));
  const well = status === compatibleStatus.done;
  return { rules: 1, applied: well ? 1 : 0, well };
}

function unknownText(lines: readonly number[], complaint: string): string {
  const [first, last] = [lines[0], lines.at(-1)];
  if (first === undefined || last === undefined) return complaint;
  const place = first === last ? `line ${first}` : `lines ${first} to ${last}`;
  return `${place}: ${complaint}; what took effect is not known, and the rest was not tried`;
}

const commandNames: Readonly<Record<Operation['type'], TableCommand>> = {
  addService: 'add-service',
  replaceService: 'edit-service',
  deleteService: 'delete-service',
  addDestination: 'add-server',
  replaceDestination: 'edit-server',
  deleteDestination: 'delete-server',
  flush: 'flush',
  zeroAll: 'zero',
  zeroService: 'zero',
};

/** The command that asks for an operation. */
function commandOf(operation: string): TableCommand {
  return Object.hasOwn(commandNames, operation)
    ? commandNames[operation as Operation['type']]
    : 'flush';
}
