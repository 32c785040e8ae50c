import type { CheckHealth, ServerMemory, ServerState } from './health.js';
import { isFailing, percentAsked } from './server-health.js';

/**
 * Why a server is in a state that its checks have put it in: what the first check said that speaks for the state. While a
 * server that is down passes again, but not often enough yet, the reason stays that of its failure.
 */
export function reasonFor(
  shown: Exclude<ServerState, 'maintenance'>,
  checks: readonly CheckHealth[],
  before: ServerMemory | undefined,
): string {
  if (checks.length === 0) return 'not checked';
  const said = checks.find((check) => speaksFor[shown](check))?.last?.reason;
  if (said !== undefined) return said;
  return before?.shown === shown ? before.reason : unsaid[shown];
}

const speaksFor = {
  starting: ({ verdict, last }: CheckHealth) => verdict === 'unknown' && last !== undefined,
  up: ({ last }: CheckHealth) => last?.passing === true,
  down: (check: CheckHealth) =>
    isFailing(check) && (check.last?.passing === false || check.last?.request?.kind === 'down'),
  draining: (check: CheckHealth) => percentAsked(check) === 0 && check.last?.request !== undefined,
} as const;

const unsaid = {
  starting: 'no check has passed yet',
  up: 'no check has failed yet',
  down: 'a check failed',
  draining: 'the server asks for no new clients',
} as const;
