import type { Timeouts } from '../ipvs/model/timeouts.js';
import type { SyncDaemonInput, SyncDaemonState } from '../ipvs/model/daemon.js';
import type { Operation } from '../ipvs/client/operations.js';
import type { ServiceId } from '../ipvs/model/service.js';

/** How a listing is to look. */
export interface ListOptions {
  readonly numeric: boolean;
  readonly columns: ListColumns;
  /** Large numbers in full. */
  readonly exact: boolean;
  readonly sorted: boolean;
}

/** Which columns a listing of services has. */
export type ListColumns =
  'default' | 'stats' | 'rate' | 'thresholds' | 'persistent-conn' | 'tun-info';

/** The commands that change the table: many of them can go to the kernel at once. */
export type TableCommand =
  | 'add-service'
  | 'edit-service'
  | 'delete-service'
  | 'add-server'
  | 'edit-server'
  | 'delete-server'
  | 'flush'
  | 'zero';

/** What a command line asks for, once it is known to be legal. */
export type Invocation =
  | { readonly command: TableCommand; readonly operation: Operation }
  | { readonly command: 'set'; readonly timeouts: Timeouts }
  | { readonly command: 'start-daemon'; readonly daemon: SyncDaemonInput }
  | { readonly command: 'stop-daemon'; readonly state: SyncDaemonState }
  | { readonly command: 'restore' | 'help' | 'version' }
  | { readonly command: 'save'; readonly numeric: boolean }
  | ListInvocation;

/** The invocations that need the kernel, one of which a line of rules may be. */
export type KernelInvocation = Exclude<Invocation, { command: 'restore' | 'help' | 'version' }>;

/** The invocations that change something. */
export type ChangeInvocation = Exclude<KernelInvocation, { command: 'list' | 'save' }>;

/** What -L asks for. */
export type ListInvocation =
  | {
      readonly command: 'list';
      readonly what: 'services';
      /** Undefined: all. */
      readonly service: ServiceId | undefined;
      readonly options: ListOptions;
    }
  | {
      readonly command: 'list';
      readonly what: 'connections';
      readonly numeric: boolean;
      readonly persistenceData: boolean;
    }
  | { readonly command: 'list'; readonly what: 'timeout' | 'daemon' };
