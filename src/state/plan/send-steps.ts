import type { IpvsError } from '../../ipvs/errors.js';
import { sendBatch } from '../send-batch.js';
import type { BatchClient } from '../send-batch.js';
import type { PlanStep } from './plan.js';

/** A step of the table that was refused, and why. */
export interface TableFailure {
  readonly step: PlanStep;
  readonly error: IpvsError;
}

/** What became of steps that were sent together: each is in one of the lists, in the order in which they were sent. */
export interface SentSteps {
  readonly done: readonly PlanStep[];
  readonly failures: readonly TableFailure[];
}

/**
 * Sends steps in one batch. What lowers a weight comes last: the real servers of a service do not all have weight 0 in
 * between, and new connections always have one to go to.
 * @throws IpvsError when the kernel does not answer.
 */
export async function sendSteps(
  client: BatchClient,
  steps: readonly PlanStep[],
): Promise<SentSteps> {
  const ordered = [...steps.filter((step) => !isLowering(step)), ...steps.filter(isLowering)];
  const { done, failures } = await sendBatch(client, ordered, ({ operation }) => operation);
  return { done, failures: failures.map(({ item: step, error }) => ({ step, error })) };
}

/** Whether a real server gets a smaller share. */
function isLowering({ action, from, to }: PlanStep): boolean {
  if (action !== 'change' || from === undefined || to === undefined) return false;
  return 'weight' in from && 'weight' in to && to.weight < from.weight;
}

/** Whether a step was refused because somebody else has made or removed the thing meanwhile. */
export function isRace({ step: { action, destination }, error: { code } }: TableFailure): boolean {
  if (action === 'add' && code === 'EEXIST') return true;
  return code === 'ESRCH' || (code === 'ENOENT' && destination !== undefined);
}
