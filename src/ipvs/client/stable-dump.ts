import type { Awaitable } from '../../common/and-then.js';
import type { Replies } from '../../netlink/exchange.js';

/**
 * The entries of a dump, a piece at a time, each once. The kernel resumes a dump by position, so what is deleted between two
 * pieces can make it skip others, and what is added can make it repeat some: a table that does not come in one piece is
 * walked twice.
 *
 * @param walk asks the kernel for all entries, for the second time when `again` is true.
 * @param key a text that is equal for equal entries.
 */
export async function* stableDump<T>(
  walk: (again: boolean) => Awaitable<Replies<T>>,
  key: (entry: T) => string,
  signal: AbortSignal | undefined,
): AsyncGenerator<readonly T[], void, undefined> {
  const first = await walk(false);
  if (first.pieces.length < 2) return yield* piecesOf(first, signal);
  const keys = new Set<string>();
  const isNew = (entry: T): boolean => {
    const before = keys.size;
    return keys.add(key(entry)).size > before;
  };
  for (const piece of piecesOf(first, signal)) yield piece.filter(isNew);
  for (const piece of piecesOf(await walk(true), signal)) yield piece.filter(isNew);
}

/** The pieces, and then the error, if there was one. */
function* piecesOf<T>(
  { pieces, error }: Replies<T>,
  signal: AbortSignal | undefined,
): Generator<readonly T[], void, undefined> {
  for (const piece of pieces) {
    signal?.throwIfAborted();
    yield piece;
  }
  if (error !== undefined) throw error;
}
