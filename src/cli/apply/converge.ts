import type { IpvsClient } from '../../ipvs/client/client.js';
import { tableChanges } from '../../state/diff.js';
import type { DesiredState } from '../../state/file/desired.js';
import { currentTable } from '../../state/plan/current-table.js';
import { claim, settle } from '../../state/ownership.js';
import type { AnyStep } from '../../state/plan/perform.js';
import { isRace } from '../../state/plan/send-steps.js';
import { CliError } from '../../terminal/cli-error.js';
import { exitStatus } from '../../terminal/exit-status.js';
import { carryOut, noChange, together } from '../change-table.js';
import type { ChangeOutcome } from '../change-table.js';
import { planFor } from '../planning.js';
import type { Planned, PlanOptions } from '../planning.js';
import type { Recorder } from '../table-records.js';

/** Somebody who changes the table all the time is not raced for ever. */
const MAX_ROUNDS = 5;

export interface ConvergeOptions extends PlanOptions {
  /** The most connections that may be cut. Undefined: any number. */
  readonly maxCut: number | undefined;
}

/** What was done, and why it was not, if it would have cut too many connections. */
export interface Converged extends ChangeOutcome {
  readonly refusedCut:
    | { readonly cuts: number; readonly maxCut: number; readonly steps: readonly AnyStep[] }
    | undefined;
}

/**
 * Changes the table until it is what is wanted: plans, makes sure that the table is still the one that was planned for,
 * carries the plan out, and reads back. What somebody else changes meanwhile is planned for again.
 */
export async function converge(
  client: IpvsClient,
  desired: DesiredState,
  recorder: Recorder,
  options: ConvergeOptions,
): Promise<Converged> {
  let total = noChange;
  let { records } = recorder;
  const save = async (next: typeof records) => {
    if (next !== records) await recorder.save(next);
    records = next;
  };
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const planned = await planFor(client, desired, records, options);
    const { steps, cuts } = planned;
    const { maxCut } = options;
    if (maxCut !== undefined && cuts > maxCut) {
      return { ...total, refusedCut: { cuts, maxCut, steps } };
    }
    if (steps.length === 0) {
      await save(settle(records, desired, planned.current));
      return { ...total, refusedCut: undefined };
    }
    if (cuts > 0 && !(await isStill(client, planned))) continue;
    // Before anything is done: whoever is killed in between has still made it.
    await save(claim(records, steps, options.owner));
    const outcome = await carryOut(client, steps);
    const refused = outcome.failures.filter(
      ({ step, error }) => step.kind === 'setting' || !isRace({ step, error }),
    );
    // What only a race has prevented is planned for again.
    if (refused.length === 0) total = together(total, { ...noChange, done: outcome.done });
    else {
      total = together(total, { ...outcome, failures: refused });
      await save(settle(records, desired, await currentTable(client)));
      return { ...total, refusedCut: undefined };
    }
  }
  throw new CliError(
    `Somebody else changed the table each of the ${MAX_ROUNDS} times that this was tried.\n` +
      'Find out who: ipvs doctor. Then see what is missing: ipvs diff',
    exitStatus.partly,
  );
}

/** Whether the table is still the planned one. Counting connections may have taken seconds. */
async function isStill(client: IpvsClient, { current }: Planned): Promise<boolean> {
  return tableChanges(current, await currentTable(client)).length === 0;
}
