import type { JsonRecord } from '../../common/json.js';
import type { CheckTarget } from '../config/config.js';

/** What a check found out. */
export interface ProbeOutcome {
  readonly passing: boolean;
  /** Why it failed, or what passed: `connection refused`, `status 503, expected 200-399`, `no answer in 2 s`. */
  readonly reason: string;
  /** This machine could not run the check: that says nothing about the server, and does not count. */
  readonly isInconclusive?: true;
  /** What the server asks for, of `exec` with `weight: true`. */
  readonly request?: ServerRequest;
}

/** What a server may say of itself. `drain`: no new clients, though it is healthy. */
export type ServerRequest =
  | { readonly kind: 'ready' | 'drain' | 'down' }
  | { readonly kind: 'share'; readonly percent: number };

/** A check of one server, ready to be run again and again. */
export interface Probe {
  /** Asks once. Settles within the timeout of its target, and never rejects: what goes wrong is its reason. */
  run(): Promise<ProbeOutcome>;
  /** Lets go of what it holds. A run under way settles soon, its outcome is of no use to anybody. */
  close?(): void;
}

/** A type of check. The keys of its settings are in `state/file/check-fields.ts`. */
export interface CheckType {
  /** As state files write it: `http`. */
  readonly name: string;
  /** When it passes, for the manual. */
  readonly summary: string;
  /**
   * Makes a probe: compiles patterns, reads certificates.
   * @throws CheckError when the settings cannot work on this machine.
   */
  prepare(target: CheckTarget, settings: JsonRecord): Probe;
}

/** A check that cannot work as it is set. */
export class CheckError extends Error {
  override readonly name = 'CheckError';
}
