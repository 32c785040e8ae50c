import type { TableGuard } from '../../src/agent/run/own-records.js';

/** The guard of a table that nobody else writes, and of which nothing is recorded. */
export const freeGuard: TableGuard = {
  whileLocked: (work) => work(),
  record: () => Promise.resolve(),
  exists: () => Promise.resolve(true),
  owned: () => Promise.resolve([]),
  names: () => Promise.resolve(new Map()),
};
