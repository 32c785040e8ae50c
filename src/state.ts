/**
 * Tables as data: what a program wants, what the kernel has, what differs, and how to get from one to the other.
 * {@link toWantedTable}, {@link tableFrom} and {@link diff} are pure functions, which need no Linux.
 * @module ipvs/state
 */
export { apply } from './state/apply.js';
export type { ApplyFailure, ApplyOutcome } from './state/apply.js';
export type { BatchClient } from './state/send-batch.js';
export { diff, tableChanges } from './state/diff.js';
export type { DestinationChange, Difference, ServiceChange, TableChange } from './state/diff.js';
export { drain } from './state/drain.js';
export type { DrainClient, DrainOptions, DrainProgress } from './state/drain.js';
export type { DrainedServer, DrainTarget } from './state/drain-rules.js';
export { StateFileError } from './state/file/desired.js';
export type {
  DesiredServer,
  DesiredService,
  DesiredState,
  StateProblem,
} from './state/file/desired.js';
export { formatState } from './state/file/format.js';
export type { FormatStateOptions, StateComments, StateFormat } from './state/file/format.js';
export { parseState } from './state/file/parse.js';
export type { ParseStateOptions } from './state/file/parsed.js';
export { costOf, cutsOf } from './state/plan/cuts.js';
export type { ConnectionSource } from './state/plan/cuts.js';
export { perform } from './state/plan/perform.js';
export type { AnyStep, PerformClient, PerformOutcome, StepFailure } from './state/plan/perform.js';
export { plan } from './state/plan/plan.js';
export type {
  CurrentServer,
  CurrentService,
  Plan,
  PlanRequest,
  PlanStep,
  Prune,
} from './state/plan/plan.js';
export { planSettings } from './state/plan/settings.js';
export type {
  CurrentSettings,
  SettingRequest,
  SettingStep,
  WantedSettings,
} from './state/plan/settings.js';
export { readTable } from './state/read-table.js';
export type { TableClient } from './state/read-table.js';
export type { PortNames } from './state/selection.js';
export type { WantedDestination, WantedService } from './state/table.js';
export { tableFrom, toWantedTable } from './state/wanted-table.js';
export type { WantedDestinationInput, WantedServiceInput } from './state/wanted-table.js';
export { watch } from './state/watch.js';
export type { WatchOptions } from './state/watch.js';
