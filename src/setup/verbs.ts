import type { JsonRecord } from '../common/json.js';
import { CliError } from '../terminal/cli-error.js';
import { exitStatus } from '../terminal/exit-status.js';
import { Transaction } from './transaction.js';
import { changesFor, checkInterruption, prepare, rollbackChanges, unwanted } from './changes.js';
import type { Change, SetupContext } from './changes.js';
import type { Journal } from './journal.js';
import { planStep, statusOf } from './resources.js';
import { lock } from '../host/lock.js';
import type { SetupSnapshot } from './snapshot.js';
import { byStep } from './step.js';
import { rollback } from './rollback.js';
import type { Recorded, Step } from './step.js';
import type { PlanContext } from './targets.js';

/** What `up` and `status` work towards. */
export interface Plan {
  readonly request: JsonRecord;
  readonly steps: (snapshot: SetupSnapshot, planContext: PlanContext) => Promise<Step[]>;
}

/** What was done, or in a dry run would be done. */
export interface Outcome {
  readonly changes: readonly Change[];
  /** What could not be done, each with its reason. */
  readonly failures: readonly string[];
  readonly status: number;
}

export async function up(context: SetupContext, { steps, request }: Plan): Promise<Outcome> {
  return await alone(context, async () => {
    const before = await context.file.read();
    const transaction = new Transaction(context, before, request);
    const own = ownAddresses(before?.records ?? []);
    await transaction.run(await steps(context.snapshot, { strict: true, own }));
    return { changes: transaction.changes, failures: [], status: exitStatus.done };
  });
}

function ownAddresses(records: readonly Recorded[]): ReadonlySet<string> {
  const own = records.filter(
    ({ step, original }) => step.kind === 'address' && original.length === 0,
  );
  return new Set(own.map(({ step }) => step.name));
}

/** What `up` would do. */
export async function tryUp(context: SetupContext, { steps }: Plan): Promise<Outcome> {
  const { snapshot } = context;
  const records = (await context.file.read(context))?.records ?? [];
  const wanted = await steps(snapshot, { strict: true, own: ownAddresses(records) });
  const changes = await changesFor(wanted, byStep(records), snapshot);
  const back = await rollbackChanges(unwanted(records, wanted), snapshot);
  return { changes: [...changes, ...back], failures: [], status: exitStatus.done };
}

/** Reverts what is on record. @returns undefined when nothing is. */
export async function down(context: SetupContext): Promise<Outcome | undefined> {
  // Without a journal there is nothing to lock, and there may be no folder.
  if (!context.forget && (await context.file.read()) === undefined) return undefined;
  return await alone(context, async () => {
    const journal = await context.file.read();
    return journal && (await descend(context, journal));
  });
}

async function descend(context: SetupContext, journal: Journal): Promise<Outcome> {
  checkInterruption(context);
  const interrupted = () => context.signal?.aborted === true;
  const { changes, stayed, rest } = await rollback(context, journal.records, () => !interrupted());
  if (rest.length === 0) {
    await context.file.remove();
    return { changes, failures: [], status: exitStatus.done };
  }
  await context.file.write({ ...journal, records: rest });
  const some = changes.some(({ commands }) => commands.length > 0);
  const failed = some ? exitStatus.partly : exitStatus.refused;
  const status = interrupted() ? Number(context.signal?.reason) : failed;
  return { changes, failures: interrupted() ? [...stayed, 'Interrupted.'] : stayed, status };
}

export async function tryDown(context: SetupContext): Promise<Outcome | undefined> {
  const journal = await context.file.read(context);
  if (journal === undefined) return undefined;
  const { snapshot } = context;
  const changes = await rollbackChanges(journal.records.toReversed(), snapshot);
  return { changes, failures: [], status: exitStatus.done };
}

/** The status of a step. */
export interface Standing {
  readonly step: Step;
  readonly current: readonly string[];
  readonly right: boolean;
  readonly note: string | undefined;
}

export async function standings(
  { snapshot }: SetupContext,
  steps: Plan['steps'],
): Promise<Standing[]> {
  const all: Standing[] = [];
  const wanted = await steps(snapshot, { strict: false, own: new Set() });
  await prepare(wanted, snapshot);
  for (const step of wanted) {
    snapshot.dropAssumptions();
    const { from: current, commands } = await planStep(step, undefined, snapshot);
    const status = await statusOf(step, snapshot);
    const right = status?.well ?? commands.length === 0;
    all.push({ step, current, right, note: status?.note });
  }
  return all;
}

/** Works while no other process sets this machine up. */
async function alone<T>(context: SetupContext, work: () => Promise<T>): Promise<T> {
  if (context.session.io.superuser === false) {
    throw new CliError('Only root may do this: try again with sudo.');
  }
  await context.file.prepare();
  const release = await lock(context.snapshot.machine.host, context.file.lock);
  try {
    if (context.forget) await setAside(context);
    return await work();
  } finally {
    await release();
    await context.file.tidy();
  }
}

async function setAside({ file, session }: SetupContext): Promise<void> {
  const aside = await file.setAside();
  if (aside === undefined) return;
  await session.complain(`Set aside the journal of an earlier network namespace: ${aside}`);
}
