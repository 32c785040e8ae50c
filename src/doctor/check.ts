import type { CheckContext } from './check-context.js';

export const severities = ['error', 'warning', 'notice'] as const;
/** An error keeps clients from being served; a warning may do so, or does it now and then; a notice is worth knowing. */
export type Severity = (typeof severities)[number];

/** Whom a check concerns. */
export type Role = 'director' | 'real server';

/** One place where something is wrong. */
export interface Occurrence {
  /** What was read, as an administrator would find it: `net.ipv4.ip_forward = 0`. */
  readonly evidence: string;
  /** Lines for a shell, or a sentence where there is no command. */
  readonly fix: readonly string[];
}

/** A check. The program's text, the manual and the tests derive from the list of these. */
export interface Check {
  /** Never changes, since scripts refer to it. */
  readonly id: string;
  readonly severity: Severity;
  /** What is wrong, without a full stop. */
  readonly title: string;
  /** How it affects clients, and why: sentences. */
  readonly why: string;
  readonly role: Role | 'any';
  /** Whether it sends packets, which `--passive` forbids. */
  readonly active?: boolean;
  /** @throws CheckSkipped, HostError or IpvsError when what it needs cannot be read. */
  readonly run: (context: CheckContext) => Promise<readonly Occurrence[]>;
}

/** Why a check could not run: a sentence. */
export class CheckSkipped extends Error {
  override readonly name = 'CheckSkipped';
}
