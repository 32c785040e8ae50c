/**
 * Tables as data: what a program wants, what the kernel has, what differs, and how to get from one to the other.
 * {@link toWantedTable}, {@link tableFrom} and {@link diff} are pure functions, which need no Linux.
 * @module ipvs/state
 */
export { apply } from './state/apply.js';
export type { ApplyFailure, ApplyOutcome, BatchClient } from './state/apply.js';
export { diff, tableChanges } from './state/diff.js';
export type { DestinationChange, Difference, ServiceChange, TableChange } from './state/diff.js';
export { drain } from './state/drain.js';
export type { DrainClient, DrainOptions, DrainProgress } from './state/drain.js';
export type { DrainedServer, DrainTarget } from './state/drain-rules.js';
export { readTable } from './state/read-table.js';
export type { TableClient } from './state/read-table.js';
export type { WantedDestination, WantedService } from './state/table.js';
export { tableFrom, toWantedTable } from './state/wanted-table.js';
export type { WantedDestinationInput, WantedServiceInput } from './state/wanted-table.js';
export { watch } from './state/watch.js';
export type { WatchOptions } from './state/watch.js';
