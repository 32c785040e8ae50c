import { counted, firstOf } from '../../common/plural.js';
import type { IpvsClient } from '../../ipvs/client/client.js';
import { formatServiceId } from '../../ipvs/model/service.js';
import type { DesiredState } from '../../state/file/desired.js';
import { stepJson } from '../../state/plan/plan-json.js';
import { exitStatus } from '../../terminal/exit-status.js';
import type { Session } from '../../terminal/session.js';
import { converge } from '../apply/converge.js';
import type { Converged } from '../apply/converge.js';
import type { Drained } from '../apply/drain-removals.js';
import { changesJson, changeStatus, noChange, together, writeChanges } from '../change-table.js';
import type { ChangeOutcome } from '../change-table.js';
import { foreignServices } from '../planning.js';
import type { PlanOptions } from '../planning.js';
import { keptBy, refuseKept, runningAgent } from '../running-agent.js';
import { readStateInput } from '../state-input.js';
import { changingTable } from '../table-records.js';
import type { VerbAction, VerbContext } from '../verb.js';
import { placeText } from '../views/steps.js';
import { differenceFrom, differenceJson, writeDifference } from './diff.js';
import type { Difference } from './diff.js';

export interface ApplyOptions extends PlanOptions {
  readonly file: string;
  readonly drain: number;
  readonly maxCut: number | undefined;
  readonly dryRun: boolean;
  readonly quiet: boolean;
}

interface Applied extends Drained {
  readonly quiet: boolean;
}

type ApplyResult = { readonly difference: Difference } | { readonly applied: Applied };

export const apply: VerbAction<ApplyOptions, ApplyResult> = {
  run: async (context, options) =>
    options.dryRun
      ? { difference: await differenceFrom(context, options) }
      : { applied: await applyFile(context, options) },
  status: (result) =>
    'difference' in result ? differs(result.difference) : appliedStatus(result.applied),
  render: {
    text: (result, session) =>
      'difference' in result
        ? writeDifference(result.difference, session)
        : writeApplied(result.applied, session),
    json: (result) =>
      'difference' in result ? differenceJson(result.difference) : appliedJson(result.applied),
  },
};

const differs = ({ steps }: Difference): number =>
  steps.length === 0 ? exitStatus.done : exitStatus.no;

async function applyFile(context: VerbContext, options: ApplyOptions): Promise<Applied> {
  const { session } = context;
  const desired = await readStateInput(context.session, options.file);
  const client = await session.client();
  const agent = await runningAgent(context);
  // What is in no file may go too.
  const named = desired.services.map(({ id }) => formatServiceId(id));
  refuseKept(agent, options.prune === 'all' ? [...named, ...keptBy(agent)] : named);
  const { quiet, drain } = options;
  const nothing = { ...noChange, refusedCut: undefined, interrupted: undefined };
  const before =
    drain === 0
      ? nothing
      : // Only this needs what draining needs.
        await (
          await import('../apply/drain-removals.js')
        ).drainRemovals(context, client, desired, options);
  if (before.failures.length > 0 || before.interrupted !== undefined) return { ...before, quiet };
  const rest = await changeAll(context, client, desired, options);
  return { ...before, ...joined(before, rest), refusedCut: rest.refusedCut, quiet };
}

/** All that was done; that a real server was made quiet does not count once it is removed. */
function joined(before: ChangeOutcome, rest: ChangeOutcome): ChangeOutcome {
  const removals = rest.done.map(stepJson).filter(({ action }) => action === 'remove');
  const removed = new Set(removals.map(placeText));
  const done = before.done.filter((step) => {
    const json = stepJson(step);
    return !removed.has(placeText(json)) && !removed.has(json.service ?? '');
  });
  return together({ ...before, done }, rest);
}

function changeAll(
  context: VerbContext,
  client: IpvsClient,
  desired: DesiredState,
  options: ApplyOptions,
): Promise<Converged> {
  return changingTable(context, async (recorder) => {
    const foreign = await foreignServices(client, desired, recorder.records, options.owner);
    if (foreign.length > 0) {
      await context.session.complain(
        `Warning: made by another owner, and changed all the same because ${options.file} names it: ${firstOf(foreign)}`,
      );
    }
    return converge(client, desired, recorder, options);
  });
}

function appliedStatus(applied: Applied): number {
  if (applied.interrupted !== undefined) return applied.interrupted;
  if (applied.refusedCut === undefined) return changeStatus(applied);
  return applied.done.length > 0 ? exitStatus.partly : exitStatus.no;
}

async function writeApplied(applied: Applied, session: Session): Promise<void> {
  const { refusedCut, quiet } = applied;
  if (refusedCut === undefined || applied.done.length > 0) {
    await writeChanges(applied, session, { quiet });
  }
  if (refusedCut !== undefined) await session.complain(refusalText(refusedCut));
  if (applied.interrupted !== undefined) {
    await session.complain(
      applied.failures.length === 0
        ? 'Interrupted: nothing was removed, and weights are what they were.'
        : 'Interrupted: nothing was removed, but not all weights are what they were. To give them back: ipvs undrain SERVER',
    );
  }
}

function refusalText({ cuts, maxCut, steps }: NonNullable<Converged['refusedCut']>): string {
  return (
    `Not applied: ${counted(steps.length, 'change')} would cut ${counted(cuts, 'connection')}, and --max-cut is ${maxCut}.\n` +
    'To see which: ipvs diff. To let them end first: ipvs apply --drain SECONDS'
  );
}

function appliedJson({ refusedCut, interrupted, ...outcome }: Applied) {
  return {
    ...changesJson(outcome),
    ...(refusedCut !== undefined && {
      refused: { cuts: refusedCut.cuts, maxCut: refusedCut.maxCut },
    }),
    ...(interrupted !== undefined && { interrupted: true }),
  };
}
