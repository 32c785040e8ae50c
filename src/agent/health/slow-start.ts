import type { Moment, ServerHealthState, ServerMemory } from './health.js';

const STEP_MS = 1000;

/** When the weight of a server began to grow; undefined: it is whole. It grows after the server was down, and then only. */
export function rampAfter(
  before: ServerMemory | undefined,
  state: ServerHealthState,
  slowStartMs: number,
  { monotonicMs }: Moment,
): number | undefined {
  if (state !== 'up' || before === undefined) return undefined;
  const fromMs = before.state === 'down' ? monotonicMs : before.rampFromMs;
  return fromMs !== undefined && monotonicMs - fromMs < slowStartMs ? fromMs : undefined;
}

/** A weight that grows from a tenth to all, in steps of a second. */
export function rampedWeight(
  weight: number,
  fromMs: number,
  slowStartMs: number,
  { monotonicMs }: Moment,
): number {
  if (weight === 0) return 0;
  const grownMs = stepsMs(fromMs, monotonicMs);
  const ramped = Math.round((weight * (slowStartMs + 9 * grownMs)) / (10 * slowStartMs));
  return Math.max(1, ramped);
}

/** When the weight grows next. */
export function nextStepMs(fromMs: number, slowStartMs: number, { monotonicMs }: Moment): number {
  return fromMs + Math.min(stepsMs(fromMs, monotonicMs) + STEP_MS, slowStartMs);
}

function stepsMs(fromMs: number, nowMs: number): number {
  return Math.floor(Math.max(0, nowMs - fromMs) / STEP_MS) * STEP_MS;
}
