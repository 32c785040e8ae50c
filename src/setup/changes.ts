import type { Session } from '../terminal/session.js';
import type { Host } from '../host/host.js';
import { CliError } from '../terminal/cli-error.js';
import type { JournalFile } from './journal.js';
import { kinds } from './resources.js';
import type { HostSnapshot } from './snapshot.js';
import { revertedState } from './three-way-merge.js';
import { keyOfStep } from './step.js';
import type { Command, Recorded, RecordsByStep, State, Step, StepKind } from './step.js';

/** What a set-up works on. */
export interface SetupContext {
  readonly host: Host;
  readonly session: Session;
  readonly file: JournalFile;
  /** Aborted when the administrator wants it to end; the reason is the exit status. */
  readonly signal: AbortSignal | undefined;
}

/** What is, or was, to be done about a step. */
export interface Change {
  readonly step: Step;
  readonly from: State;
  readonly to: State;
  readonly commands: readonly Command[];
  /** Whether it brings back what was found, rather than doing what is wanted. */
  readonly back: boolean;
  /** What somebody has changed since `up`, and stays. */
  readonly left: State;
}

export function checkInterruption({ signal }: SetupContext): void {
  if (signal?.aborted === true) throw new CliError('Interrupted.', Number(signal.reason));
}

/** What a step needs where things stand. */
export async function changeFor(
  step: Step,
  recorded: Recorded | undefined,
  snapshot: HostSnapshot,
): Promise<Change> {
  const kind = kinds[step.kind];
  const from = await kind.read(step, snapshot);
  const change = { step, from, back: false, left: [] };
  if (kind.isRight?.(step, from) === true) return { ...change, to: from, commands: [] };
  const to = kind.wanted?.(step, from, recorded) ?? step.wanted;
  return { ...change, to, commands: foreseen(step, from, to, snapshot) };
}

/** The same for many. */
export async function changesFor(
  steps: readonly Step[],
  known: RecordsByStep,
  snapshot: HostSnapshot,
): Promise<Change[]> {
  const changes: Change[] = [];
  await prepare(steps, snapshot);
  for (const step of steps) {
    changes.push(await changeFor(step, known.get(keyOfStep(step)), snapshot));
  }
  return changes;
}

/** What it takes to bring back what was found. */
async function rollbackChange(record: Recorded, snapshot: HostSnapshot): Promise<Change> {
  const { step } = record;
  const kind = kinds[step.kind];
  const from = await kind.read(step, snapshot);
  const { to, left } = revertedState(record, from, kind.keyOf);
  return { step, from, to, commands: foreseen(step, from, to, snapshot), back: true, left };
}

/** The same for many. */
export async function rollbackChanges(
  records: readonly Recorded[],
  snapshot: HostSnapshot,
): Promise<Change[]> {
  const changes: Change[] = [];
  await prepare(
    records.map(({ step }) => step),
    snapshot,
  );
  for (const record of records) changes.push(await rollbackChange(record, snapshot));
  return changes;
}

function foreseen(step: Step, from: State, to: State, snapshot: HostSnapshot): readonly Command[] {
  const kind = kinds[step.kind];
  const commands = kind.change(step, from, to);
  if (commands.length > 0) kind.foresee?.(to, snapshot);
  return commands;
}

/** A module brings its device with it: what is to be done with that can be read only then. */
export function stagesOf(steps: readonly Step[]): Step[][] {
  const modules = steps.filter(({ kind }) => kind === 'module');
  return [modules, steps.filter(({ kind }) => kind !== 'module')].filter(
    ({ length }) => length > 0,
  );
}

/** What is recorded, and wanted no more; the last first. */
export function unwanted(records: readonly Recorded[], steps: readonly Step[]): Recorded[] {
  const wanted = new Set(steps.map(keyOfStep));
  return records.filter(({ step }) => !wanted.has(keyOfStep(step))).reverse();
}

export function describe(step: Step): string {
  return kinds[step.kind].describe(step);
}

/** Steps that do not depend on each other where they follow each other, and so many of them at once. */
const TOGETHER: readonly StepKind[] = ['address', 'route', 'service'];
const MOST_TOGETHER = 256;

export function groupsOf<T>(all: readonly T[], stepOf: (one: T) => Step): T[][] {
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

/** Reads at once what the steps of a kind need. */
export async function prepare(steps: readonly Step[], snapshot: HostSnapshot): Promise<void> {
  for (const kind of new Set(steps.map((step) => step.kind))) {
    await kinds[kind].prepare?.(
      steps.filter((step) => step.kind === kind),
      snapshot,
    );
  }
}
