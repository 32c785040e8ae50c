import { formatServiceId } from '../../ipvs/model/service.js';
import type { PlanStep } from '../../state/plan/plan.js';
import { sendSteps } from '../../state/plan/send-steps.js';
import type { SentSteps } from '../../state/plan/send-steps.js';
import type { BatchClient } from '../../state/send-batch.js';

/**
 * Carries out steps in one batch, and what removes in a second one. A service of which something was refused keeps what was
 * to be removed: it may be all that serves. Other services go on, unlike in `perform`: each is repaired by itself.
 * @throws IpvsError when the kernel does not answer.
 */
export async function writeSteps(
  client: BatchClient,
  steps: readonly PlanStep[],
): Promise<SentSteps> {
  const changed = await sendSteps(
    client,
    steps.filter(({ action }) => action !== 'remove'),
  );
  const refused = new Set(changed.failures.map(({ step }) => formatServiceId(step.service)));
  const removed = await sendSteps(
    client,
    steps.filter(
      ({ action, service }) => action === 'remove' && !refused.has(formatServiceId(service)),
    ),
  );
  return {
    done: [...changed.done, ...removed.done],
    failures: [...changed.failures, ...removed.failures],
  };
}
