import { IpvsError } from '../ipvs/errors.js';
import { RuleError } from '../rules/rule-error.js';
import { errorText } from '../common/system-errors.js';
import { HostError } from '../host/host-error.js';
import { CliError } from '../terminal/cli-error.js';
import { CheckSkipped } from './check.js';
import type { Check, Occurrence } from './check.js';
import type { CheckContext } from './check-context.js';

/** A check that has found a fault. */
export interface Finding {
  readonly check: Check;
  readonly occurrences: readonly Occurrence[];
}

/** A check that could not run. */
export interface Skipped {
  readonly check: Check;
  /** A sentence. */
  readonly reason: string;
}

export interface DoctorReport {
  readonly findings: readonly Finding[];
  readonly skipped: readonly Skipped[];
  /** The number of checks that found nothing. */
  readonly passed: number;
  readonly director: boolean;
  readonly realServer: boolean;
}

export interface RunOptions {
  /** Whether packets may be sent. */
  readonly active: boolean;
  /** The ids of checks that are left out. */
  readonly ignored: ReadonlySet<string>;
  /** Called before each check, with the number of checks that are done, and of all. */
  readonly onProgress?: (made: number, of: number) => Promise<void>;
}

/** Runs the checks that concern this machine, one after another. One that fails does not stop the others. */
export async function runChecks(
  checks: readonly Check[],
  context: CheckContext,
  { active, ignored, onProgress }: RunOptions,
): Promise<DoctorReport> {
  const director = await context.isDirector();
  const realServer = await context.isRealServer().catch(reasonOf);
  const concerned = { director, 'real server': realServer, any: true };
  const findings: Finding[] = [];
  const skipped: Skipped[] = [];
  let passed = 0;
  const made = checks.filter(
    (check) =>
      concerned[check.role] !== false && !ignored.has(check.id) && (active || !check.active),
  );
  for (const [index, check] of made.entries()) {
    await onProgress?.(index, made.length);
    const concerns = concerned[check.role];
    if (typeof concerns === 'string') {
      skipped.push({ check, reason: concerns });
      continue;
    }
    try {
      const occurrences = await check.run(context);
      if (occurrences.length > 0) findings.push({ check, occurrences });
      else passed += 1;
    } catch (error) {
      skipped.push({ check, reason: reasonOf(error) });
    }
  }
  return { findings, skipped, passed, director, realServer: realServer === true };
}

const REASONS = [CheckSkipped, HostError, IpvsError, CliError, RuleError];

/** Why something could not be read, for a user. @throws the error itself when it is a bug of ours. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) throw error;
  if (REASONS.some((kind) => error instanceof kind)) return error.message;
  if ('syscall' in error) return errorText(error);
  throw error;
}
