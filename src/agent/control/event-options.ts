import type { EventSource } from './control.js';
import { HttpProblem } from './http.js';

/** Which events are asked for. */
export interface EventOptions {
  readonly since: number;
  readonly follow: boolean;
}

export const eventParameters = ['since', 'last', 'follow'] as const;

/** @throws HttpProblem */
export function eventOptions(
  query: URLSearchParams,
  lastEventId: string | string[] | undefined,
  { lastSeq }: EventSource,
): EventOptions {
  const follow = query.get('follow') ?? '1';
  if (follow !== '0' && follow !== '1') throw new HttpProblem(400, 'follow must be 0 or 1');
  return { since: sinceOf(query, lastEventId, lastSeq), follow: follow === '1' };
}

/** Where a stream begins: what a reader that comes back has seen goes before what it first asked for. */
function sinceOf(
  query: URLSearchParams,
  lastEventId: string | string[] | undefined,
  lastSeq: number,
): number {
  if (typeof lastEventId === 'string') {
    const seen = numberIn(lastEventId, 'Last-Event-ID must be the number of an event');
    // The agent has lost its numbers, and counts from 1 again: the reader has seen none of these events.
    return seen > lastSeq ? 0 : seen;
  }
  const since = query.get('since');
  const last = query.get('last');
  if (last === null) {
    return Math.min(numberIn(since ?? '0', 'since must be the number of an event'), lastSeq);
  }
  if (since !== null) throw new HttpProblem(400, 'since and last exclude each other');
  return Math.max(0, lastSeq - numberIn(last, 'last must be a number of events'));
}

function numberIn(text: string, problem: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new HttpProblem(400, problem);
}
