import type { IpvsClient } from '../../ipvs/client/client.js';
import { isIpvsError } from '../../ipvs/errors.js';
import type { IpvsError } from '../../ipvs/errors.js';
import { formatServiceId } from '../../ipvs/model/service.js';
import type { PlanStep } from '../../state/plan/plan.js';

export interface WriteFailure {
  readonly step: PlanStep;
  readonly error: IpvsError;
}

export interface Written {
  readonly done: readonly PlanStep[];
  readonly failures: readonly WriteFailure[];
}

/**
 * Carries out steps in one batch, so ordered that no service is without a server at any moment, and what removes in a second
 * one. A service of which something was refused keeps what was to be removed: it may be all that serves.
 * @throws IpvsError when the kernel does not answer.
 */
export async function writeSteps(
  client: Pick<IpvsClient, 'batch'>,
  steps: readonly PlanStep[],
): Promise<Written> {
  const changes = steps.filter(({ action }) => action !== 'remove');
  const raising = changes.filter((step) => !isLowering(step));
  const changed = await sent(client, [...raising, ...changes.filter(isLowering)]);
  const refused = new Set(changed.failures.map(({ step }) => formatServiceId(step.service)));
  const removals = steps.filter(
    ({ action, service }) => action === 'remove' && !refused.has(formatServiceId(service)),
  );
  const removed = await sent(client, removals);
  return {
    done: [...changed.done, ...removed.done],
    failures: [...changed.failures, ...removed.failures],
  };
}

/** Whether a server gets less: others must have got more before. */
function isLowering({ action, from, to }: PlanStep): boolean {
  if (action !== 'change' || from === undefined || to === undefined) return false;
  return 'weight' in from && 'weight' in to && to.weight < from.weight;
}

async function sent(
  client: Pick<IpvsClient, 'batch'>,
  steps: readonly PlanStep[],
): Promise<Written> {
  if (steps.length === 0) return { done: [], failures: [] };
  const { failures } = await client.batch(steps.map(({ operation }) => operation));
  const refused = new Map(failures.map(({ index, error }) => [index, error]));
  return {
    done: steps.filter((_, index) => !refused.has(index)),
    failures: steps.flatMap((step, index) => {
      const error = refused.get(index);
      return error === undefined ? [] : [{ step, error }];
    }),
  };
}

/** Whether a step was refused because somebody else has made or removed the thing meanwhile. */
export function isRace({ step, error }: WriteFailure): boolean {
  if (!isIpvsError(error)) return false;
  const { code } = error;
  if (step.action === 'add' && code === 'EEXIST') return true;
  return code === 'ESRCH' || (code === 'ENOENT' && step.destination !== undefined);
}
