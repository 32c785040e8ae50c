import { counted } from '../common/plural.js';
import { perform } from '../state/plan/perform.js';
import type { AnyStep, PerformClient, PerformOutcome, StepFailure } from '../state/plan/perform.js';
import { stepJson } from '../state/plan/plan-json.js';
import { IpvsError } from '../ipvs/errors.js';
import { CliError } from '../terminal/cli-error.js';
import { coloursFor } from '../terminal/colours.js';
import { exitStatus } from '../terminal/exit-status.js';
import type { Session } from '../terminal/session.js';
import { stepLine } from './views/steps.js';

/** What verbs that change the table have done. */
export type ChangeOutcome = PerformOutcome;

export const noChange: ChangeOutcome = { done: [], undone: [], failures: [], withheld: [] };

/**
 * Carries out steps for a verb.
 * @throws CliError when the kernel stops answering: what took effect is not known then.
 */
export async function carryOut(
  client: PerformClient,
  steps: readonly AnyStep[],
): Promise<ChangeOutcome> {
  return perform(client, steps).catch((error: unknown) => {
    if (!(error instanceof IpvsError)) throw error;
    throw new CliError(
      `${error.message}\nWhat took effect is not known. To see it: ipvs list`,
      exitStatus.partly,
    );
  });
}

/** The outcome of several rounds. */
export function together(one: ChangeOutcome, other: ChangeOutcome): ChangeOutcome {
  return {
    done: [...one.done, ...other.done],
    undone: [...one.undone, ...other.undone],
    failures: [...one.failures, ...other.failures],
    withheld: [...one.withheld, ...other.withheld],
  };
}

/** 0 all done; 3 refused, and nothing has changed; 4 refused, and something has. */
export function changeStatus({ done, failures }: ChangeOutcome): number {
  if (failures.length === 0) return exitStatus.done;
  return done.length > 0 ? exitStatus.partly : exitStatus.refused;
}

/** What `--json` prints of an outcome. */
export function changesJson({ done, undone, failures, withheld }: ChangeOutcome) {
  return {
    changes: done.map(stepJson),
    failures: failures.map(failureJson),
    ...(undone.length > 0 && { undone: undone.map(stepJson) }),
    ...(withheld.length > 0 && { withheld: withheld.map(stepJson) }),
  };
}

const failureJson = ({ step, error }: StepFailure) => ({
  ...stepJson(step),
  error: error.message,
  code: error.code,
});

/** Writes what was changed, unless that is not asked for, and what was refused. */
export async function writeChanges(
  { done, undone, failures, withheld }: ChangeOutcome,
  session: Session,
  { quiet }: { readonly quiet: boolean },
): Promise<void> {
  const paint = await coloursFor(session.io);
  if (!quiet) {
    for (const step of done) await session.output.line(stepLine(step, paint));
    if (done.length + failures.length === 0) await session.output.line('Nothing was changed.');
  }
  for (const { error } of failures) await session.complain(error.message);
  if (undone.length > 0) await session.complain(`Undone because of that: ${changes(undone)}.`);
  if (withheld.length > 0) {
    await session.complain(`Not done because of that: ${changes(withheld)}.`);
  }
}

const changes = (steps: readonly AnyStep[]): string => counted(steps.length, 'change');
