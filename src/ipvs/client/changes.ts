import type { BatchOptions, CallOptions } from '../../netlink/connection.js';
import type { FeatureDetection } from './feature-detection.js';
import type { Kernel } from './kernel.js';
import type { Operation } from './operations.js';
import type { BatchOutcome } from './options.js';
import { toBatch } from './requests.js';
import type { OperationBatch } from './requests.js';

/** Applies operations, and reverts those that the kernel is too old for. */
export async function applyBatch(
  kernel: Kernel,
  features: FeatureDetection,
  operations: Iterable<Operation> | OperationBatch,
  options: BatchOptions | undefined,
): Promise<BatchOutcome> {
  const batch = toBatch(operations);
  const facts = { operation: 'batch' };
  const refused = await kernel.batch(batch.requests, facts, (index) => batch.at(index), options);
  const failures = await features.check(batch, refused, options);
  return { applied: batch.length - failures.length, failures };
}

/** Applies one operation: a batch of one, whose failure is thrown. */
export async function applyOne(
  kernel: Kernel,
  features: FeatureDetection,
  operation: Operation,
  options: CallOptions | undefined,
): Promise<void> {
  const batch = toBatch([operation]);
  const facts = batch.at(0);
  const refused = await kernel.batch(batch.requests, facts, () => facts, options);
  const [failure] = await features.check(batch, refused, options);
  if (failure !== undefined) throw failure.error;
}
