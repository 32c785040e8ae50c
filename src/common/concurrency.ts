/**
 * Maps items with at most `limit` calls under way: whenever one ends the next begins, so a slow item holds up none of the
 * others. Results are in the order of the items. Rejects with the first error, and then begins no more.
 */
export async function mapWithLimit<T, Result>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const queue = items.entries();
  let failed = false;
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) {
      if (failed) return;
      results[index] = await work(item);
    }
  };
  const workers = Array.from({ length: Math.min(limit, items.length) }, async () => {
    try {
      await worker();
    } catch (error) {
      failed = true;
      throw error;
    }
  });
  await Promise.all(workers);
  return results;
}
