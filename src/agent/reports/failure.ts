import type { ReconcileProgress } from '../run/reconciler.js';

/** Looks that fail to come so often in a row say that something hangs. */
const MISSED = 3;
/** On top of that, as a large table takes its time. */
const SLACK_MS = 10_000;

/** Why the table may not be what it should be, for `/healthz`; undefined: it is kept so. */
export function failureOf(
  { lastWholeMs, trouble }: ReconcileProgress,
  reconcileMs: number,
  nowMs: number,
): string | undefined {
  if (trouble !== undefined) return `the table cannot be read or written: ${trouble}`;
  if (lastWholeMs === undefined) return 'the table has not been compared with the file yet';
  const agoMs = nowMs - lastWholeMs;
  if (agoMs <= MISSED * reconcileMs + SLACK_MS) return undefined;
  return `the table was last compared with what is wanted ${Math.round(agoMs / 1000)} s ago`;
}
