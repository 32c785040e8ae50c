import type { CheckHealth, ServerHealthState } from './health.js';

/** What a server is by its checks, all of which must pass. @param before what it was; undefined: it is new in the file. */
export function healthState(
  checks: readonly CheckHealth[],
  before: ServerHealthState | undefined,
  initial: 'starting' | 'up',
): ServerHealthState {
  if (checks.some(isFailing)) return 'down';
  const known = before ?? initial;
  // Only of a server that is in already may it be assumed that it passes.
  const isPassing = ({ verdict }: CheckHealth) =>
    verdict === 'passing' || (verdict === 'assumed' && known === 'up');
  if (checks.every(isPassing)) return 'up';
  // For want of a verdict nothing changes, as when its checks were edited.
  return known;
}

/** Whether a check takes its server out: by its verdict, or because the server itself says so. */
export function isFailing({ verdict, request }: CheckHealth): boolean {
  return verdict === 'failing' || request?.kind === 'down';
}

/** Which share of its weight a healthy server asks for, in percent; 0: no new clients. Of several, the smallest counts. */
export function askedPercent(checks: readonly CheckHealth[]): number {
  const asked = checks.map(percentAsked).filter((percent) => percent !== undefined);
  return asked.length === 0 ? 100 : Math.min(...asked);
}

/** Undefined: all of it. */
export function percentAsked({ request }: CheckHealth): number | undefined {
  if (request?.kind === 'drain') return 0;
  return request?.kind === 'share' ? request.percent : undefined;
}
