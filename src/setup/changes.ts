import type { Session } from '../terminal/session.js';
import { CliError } from '../terminal/cli-error.js';
import type { JournalFile } from './journal.js';
import type { Command } from './command.js';
import { planStep, resourceOf } from './resources.js';
import type { SetupSnapshot } from './snapshot.js';
import { keyOfStep } from './step.js';
import type { Recorded, RecordedStep, RecordsByStep, State, Step, StepKind } from './step.js';

/** What a run of `up`, `down` or `status` works with. */
export interface SetupContext {
  readonly snapshot: SetupSnapshot;
  readonly session: Session;
  readonly file: JournalFile;
  /** Whether to move aside a journal of another network namespace. */
  readonly forget: boolean;
  /** Aborted by a signal; the reason is the exit status. */
  readonly signal: AbortSignal | undefined;
}

/** What has to be done for a step, or was done. States are text, for printing and for the journal. */
export interface Change {
  readonly step: RecordedStep;
  readonly from: State;
  readonly to: State;
  /** The part of `to` that `up` is responsible for: not what others have added. */
  readonly applied: State;
  readonly commands: readonly Command[];
  /** Whether it brings back the original state, rather than applying what is wanted. */
  readonly back: boolean;
  /** What someone has changed since `up`; it is kept. */
  readonly left: State;
  /** What others have added; it is kept. */
  readonly kept: State;
}

export function checkInterruption({ signal }: SetupContext): void {
  if (signal?.aborted === true) throw new CliError('Interrupted.', Number(signal.reason));
}

/** The changes that `up` has to make for steps. */
export async function changesFor(
  steps: readonly Step[],
  known: RecordsByStep,
  snapshot: SetupSnapshot,
): Promise<Change[]> {
  const changes: Change[] = [];
  await prepare(steps, snapshot);
  for (const step of steps) {
    changes.push(await planStep(step, known.get(keyOfStep(step)), snapshot));
  }
  return changes;
}

/** The changes that restore the original states. */
export async function rollbackChanges(
  records: readonly Recorded[],
  snapshot: SetupSnapshot,
): Promise<Change[]> {
  const changes: Change[] = [];
  await prepare(
    records.map(({ step }) => step),
    snapshot,
  );
  for (const record of records) {
    changes.push(await resourceOf(record.step.kind).revert(record, snapshot));
  }
  return changes;
}

/** Loading a module creates its device, whose steps can be planned only after that. */
export function stagesOf(steps: readonly Step[]): Step[][] {
  const modules = steps.filter(({ kind }) => kind === 'module');
  return [modules, steps.filter(({ kind }) => kind !== 'module')].filter(
    ({ length }) => length > 0,
  );
}

/** The records of steps that are no longer wanted, the latest first. */
export function unwanted(records: readonly Recorded[], steps: readonly Step[]): Recorded[] {
  const wanted = new Set(steps.map(keyOfStep));
  return records.filter(({ step }) => !wanted.has(keyOfStep(step))).reverse();
}

export function describe(step: RecordedStep): string {
  return resourceOf(step.kind).describe(step);
}

/** Kinds whose steps do not depend on each other, and how many of them go into one group. */
const TOGETHER: readonly StepKind[] = ['address', 'route', 'service'];
const MOST_TOGETHER = 256;

export function groupsOf<T>(all: readonly T[], stepOf: (one: T) => RecordedStep): T[][] {
  const groups: T[][] = [];
  for (const one of all) {
    const last = groups.at(-1);
    const { kind } = stepOf(one);
    const joins =
      last?.[0] !== undefined &&
      last.length < MOST_TOGETHER &&
      TOGETHER.includes(kind) &&
      stepOf(last[0]).kind === kind;
    if (joins) last.push(one);
    else groups.push([one]);
  }
  return groups;
}

/** Reads in bulk what the steps of each kind need. */
export async function prepare(
  steps: readonly RecordedStep[],
  snapshot: SetupSnapshot,
): Promise<void> {
  for (const kind of new Set(steps.map((step) => step.kind))) {
    await resourceOf(kind).prepare?.(
      steps.filter((step) => step.kind === kind),
      snapshot,
    );
  }
}
