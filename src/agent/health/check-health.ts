import type { CheckRules } from '../config/config.js';
import type { CheckHealth, CheckResult, Verdict } from './health.js';

/** A check without any result. */
export function newCheckHealth(verdict: 'unknown' | 'assumed'): CheckHealth {
  return { verdict, contrary: 0, last: undefined };
}

/** What is held of a check after one more result: `fall` failures or `rise` successes in a row turn the verdict. */
export function afterResult(
  health: CheckHealth,
  { rise, fall }: CheckRules,
  result: CheckResult,
): CheckHealth {
  const request = result.request ?? (result.passing ? undefined : health.request);
  const facts = { last: result, ...(request !== undefined && { request }) };
  const shown: Verdict = result.passing ? 'passing' : 'failing';
  if (agrees(health.verdict, result.passing)) return { verdict: shown, contrary: 0, ...facts };
  const contrary = health.contrary + 1;
  if (contrary >= (result.passing ? rise : fall)) return { verdict: shown, contrary: 0, ...facts };
  return { verdict: health.verdict, contrary, ...facts };
}

/** Where nothing is known, one success is enough: a new server is not kept waiting. */
function agrees(verdict: Verdict, passing: boolean): boolean {
  return passing ? verdict !== 'failing' : verdict === 'failing';
}

/** How long to wait before the check is run again, in milliseconds. */
export function delayAfter({ verdict, contrary }: CheckHealth, rules: CheckRules): number {
  if (contrary > 0) return rules.fastIntervalMs;
  return verdict === 'failing' ? rules.downIntervalMs : rules.intervalMs;
}

/** Whether a decision that was made with one may be another with the other, if only in the reason that it gives. */
export function isNews(before: CheckHealth, after: CheckHealth): boolean {
  return (
    before.verdict !== after.verdict ||
    before.last?.passing !== after.last?.passing ||
    before.last?.reason !== after.last?.reason ||
    before.request?.kind !== after.request?.kind ||
    percentOf(before) !== percentOf(after)
  );
}

function percentOf({ request }: CheckHealth): number | undefined {
  return request?.kind === 'share' ? request.percent : undefined;
}
