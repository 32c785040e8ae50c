import type { BatchFailure } from '../ipvs/client/kernel.js';
import type { Operation } from '../ipvs/client/operations.js';
import type { CallOptions } from '../netlink/connection.js';

/** What sending operations needs of a client. */
export interface BatchClient {
  batch(
    operations: readonly Operation[],
    options?: CallOptions,
  ): Promise<{ readonly failures: readonly BatchFailure[] }>;
}

/** What became of things that were sent together. */
export interface Sent<Item> {
  /** Those that took effect, in order. */
  readonly done: readonly Item[];
  readonly failures: readonly { readonly item: Item; readonly error: BatchFailure['error'] }[];
}

/** Sends the operations of things in one batch. @throws IpvsError when the kernel does not answer. */
export async function sendBatch<Item>(
  client: BatchClient,
  items: readonly Item[],
  operationOf: (item: Item) => Operation,
  options?: CallOptions,
): Promise<Sent<Item>> {
  if (items.length === 0) return { done: [], failures: [] };
  const { failures } = await client.batch(items.map(operationOf), options);
  const refused = new Map(failures.map(({ index, error }) => [index, error]));
  return {
    done: items.filter((_, index) => !refused.has(index)),
    failures: items.flatMap((item, index) => {
      const error = refused.get(index);
      return error === undefined ? [] : [{ item, error }];
    }),
  };
}
