import { IpvsError } from '../../ipvs/errors.js';
import { kernelErrorText } from '../../ipvsadm/kernel-errors.js';
import { UsageError } from '../../ipvsadm/usage-error.js';
import { IpProblem } from '../../machine/network.js';
import { Problem } from '../problem.js';
import { CannotLook } from './check.js';
import type { Check, Sighting } from './check.js';
import type { Facts } from './facts.js';

/** A check that has seen something. */
export interface Finding {
  readonly check: Check;
  readonly sightings: readonly Sighting[];
}

/** A check that could not be made. */
export interface Unseen {
  readonly check: Check;
  /** A sentence. */
  readonly reason: string;
}

export interface Examination {
  readonly findings: readonly Finding[];
  readonly unseen: readonly Unseen[];
  /** How many checks have found nothing. */
  readonly fine: number;
  readonly director: boolean;
  readonly realServer: boolean;
}

export interface ExamineOptions {
  /** Whether packets may be sent. */
  readonly active: boolean;
  /** Checks that are left out. */
  readonly ignored: ReadonlySet<string>;
  /** Told before each check: how many were made, and of how many. */
  readonly onLook?: (made: number, of: number) => Promise<void>;
}

/** Makes the checks that concern this machine, one after the other. One that fails does not keep others from being made. */
export async function examine(
  checks: readonly Check[],
  facts: Facts,
  { active, ignored, onLook }: ExamineOptions,
): Promise<Examination> {
  const director = await facts.isDirector();
  const realServer = await facts.isRealServer().catch(reasonOf);
  const concerned = { director, 'real server': realServer, any: true };
  const findings: Finding[] = [];
  const unseen: Unseen[] = [];
  let fine = 0;
  const made = checks.filter(
    (check) =>
      concerned[check.role] !== false && !ignored.has(check.id) && (active || !check.active),
  );
  for (const [index, check] of made.entries()) {
    await onLook?.(index, made.length);
    const concerns = concerned[check.role];
    if (typeof concerns === 'string') {
      unseen.push({ check, reason: concerns });
      continue;
    }
    try {
      const sightings = await check.look(facts);
      if (sightings.length > 0) findings.push({ check, sightings });
      else fine += 1;
    } catch (error) {
      unseen.push({ check, reason: reasonOf(error) });
    }
  }
  return { findings, unseen, fine, director, realServer: realServer === true };
}

/** What keeps from looking; a fault of ours is none of these, and thrown. */
export function reasonOf(error: unknown): string {
  if (error instanceof IpvsError) return kernelErrorText('list', error);
  const said = [CannotLook, IpProblem, Problem, UsageError].some((kind) => error instanceof kind);
  if (error instanceof Error && (said || 'syscall' in error)) return error.message;
  throw error;
}
