import type { CallOptions } from '../../netlink/connection.js';
import type { BatchFailure } from './kernel.js';
import type { ServiceIdInput } from '../model/service.js';

/** What to read of services and real servers. */
export interface ReadOptions extends CallOptions {
  /** Default true. Without them the entries have no `statistics`. */
  readonly statistics?: boolean | undefined;
}

/** What to zero. */
export interface ZeroOptions extends CallOptions {
  /** Default: all services, and the totals. */
  readonly service?: ServiceIdInput | undefined;
}

/** How to read the connection table. */
export interface ConnectionsOptions extends CallOptions {
  /** Default false: an entry at a time. */
  readonly batch?: boolean | undefined;
}

/** What the kernel says of its IPVS. */
export interface IpvsInfo {
  readonly version: { readonly major: number; readonly minor: number; readonly patch: number };
  /** Buckets of the connection table. */
  readonly connectionTableSize: number;
}

/** How a batch went. */
export interface BatchOutcome {
  /** Operations that took effect. */
  readonly applied: number;
  /** Those that did not, in order. */
  readonly failures: readonly BatchFailure[];
}

/** A service may be a string, which is iterable too. */
export function isMany(
  services: ServiceIdInput | Iterable<ServiceIdInput>,
): services is Exclude<Iterable<ServiceIdInput>, string> {
  return (
    typeof services === 'object' && (services as unknown) !== null && Symbol.iterator in services
  );
}
