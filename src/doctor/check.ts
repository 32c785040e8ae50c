import type { CheckContext } from './check-context.js';

export const severities = ['error', 'warning', 'notice'] as const;
/** An error keeps clients from being served; a warning will, or does so now and then; a notice is worth knowing. */
export type Severity = (typeof severities)[number];

/** Whom a check concerns. */
export type Role = 'director' | 'real server';

/** Something that is not as it should be, in one place. */
export interface Occurrence {
  /** What was read, in words that an administrator finds again: `net.ipv4.ip_forward = 0`. */
  readonly evidence: string;
  /** Lines for a shell, or a sentence where there is no command. */
  readonly fix: readonly string[];
}

/** A check. The program's text, the manual and the tests derive from the list of these. */
export interface Check {
  /** Never changes: scripts name it. */
  readonly id: string;
  readonly severity: Severity;
  /** What is wrong when it is found, without a dot. */
  readonly title: string;
  /** What clients see of it, and why. Sentences. */
  readonly why: string;
  readonly role: Role | 'any';
  /** Whether it sends packets, which `--passive` forbids. */
  readonly active?: boolean;
  /** @throws CheckSkipped when what is needed for it cannot be read. */
  readonly run: (context: CheckContext) => Promise<readonly Occurrence[]>;
}

/** Why a check could not be made: a sentence. */
export class CheckSkipped extends Error {
  override readonly name = 'CheckSkipped';
}
