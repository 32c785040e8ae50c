/** How rows are sorted. */
export interface Order {
  /** That of a column. */
  readonly key: string;
  readonly isAscending: boolean;
}

/** What rows can be sorted by: the keys of columns. */
export const sortKeys: readonly string[] = [
  ...['service', 'server', 'name', 'connections', 'incomingPackets', 'outgoingPackets'],
  ...['health', 'incomingBytes', 'outgoingBytes', 'weight', 'active', 'inactive', 'persistent'],
];

/** Sorted by words, rows are in alphabetical order; by numbers, the largest is first. */
const WORDS = ['service', 'server', 'name', 'method', 'state', 'why'];

/** @param direction undefined: the usual one. */
export function orderBy(key: string, direction?: string): Order {
  return { key, isAscending: direction === undefined ? WORDS.includes(key) : direction === 'asc' };
}

export const defaultOrder: Order = orderBy('connections');
