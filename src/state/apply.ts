import type { BatchFailure } from '../ipvs/client/kernel.js';
import type { Operation } from '../ipvs/client/operations.js';
import type { CallOptions } from '../netlink/connection.js';
import type { Difference } from './diff.js';
import { sendBatch } from './send-batch.js';
import type { BatchClient } from './send-batch.js';

/** An operation that the kernel refused, and why. */
export interface ApplyFailure {
  readonly operation: Operation;
  readonly error: BatchFailure['error'];
}

/** How applying a {@link Difference} went. */
export interface ApplyOutcome {
  /** Operations that took effect, in order. */
  readonly applied: readonly Operation[];
  readonly failures: readonly ApplyFailure[];
  /** Whether there were deletions that were not sent, because a change was refused. */
  readonly deletionsWithheld: boolean;
}

/**
 * Applies the changes, and then the deletions. When a change was refused, nothing is deleted: what is old may be all that
 * serves a service whose new real server was refused.
 * @throws IpvsError when the kernel does not answer; what was sent by then is done.
 *
 * @example
 * ```ts
 * import { IpvsClient } from 'ipvs';
 * import { apply, diff, readTable, toWantedTable } from 'ipvs/state';
 *
 * const wanted = toWantedTable([
 *   { service: 'tcp:192.0.2.1:80', destinations: [{ destination: '10.0.0.2:80' }] },
 * ]);
 *
 * await using client = await IpvsClient.open();
 * const { applied, failures } = await apply(client, diff(await readTable(client), wanted));
 * console.log(applied.length, failures.length); // 2 0
 * console.log(diff(await readTable(client), wanted).changes.length); // 0
 * ```
 */
export async function apply(
  client: BatchClient,
  { changes, deletions }: Difference,
  options?: CallOptions,
): Promise<ApplyOutcome> {
  const changed = await applyBatch(client, changes, options);
  if (changed.failures.length > 0) {
    return { ...changed, deletionsWithheld: deletions.length > 0 };
  }
  const deleted = await applyBatch(client, deletions, options);
  return {
    applied: [...changed.applied, ...deleted.applied],
    failures: deleted.failures,
    deletionsWithheld: false,
  };
}

async function applyBatch(
  client: BatchClient,
  operations: readonly Operation[],
  options: CallOptions | undefined,
): Promise<Pick<ApplyOutcome, 'applied' | 'failures'>> {
  const { done, failures } = await sendBatch(client, operations, (operation) => operation, options);
  return {
    applied: done,
    failures: failures.map(({ item: operation, error }) => ({ operation, error })),
  };
}
