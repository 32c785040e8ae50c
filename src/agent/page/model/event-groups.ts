import type { EventJson } from '../../control/shapes.js';

/** Events that say the same of several servers of a service at about the same time. */
export interface EventGroup {
  /** The number of the oldest: it stays as others are added. */
  readonly key: number;
  /** Oldest first; at least one. */
  readonly events: readonly EventJson[];
  readonly last: EventJson;
}

/** Servers that die of one cause are found out within this time. */
const TOGETHER_MS = 60_000;

/**
 * Gathers events, newest group first. When a rack dies, it is one line instead of a hundred.
 * @param events newest first
 */
export function groupsOf(events: readonly EventJson[]): EventGroup[] {
  const latest = new Map<string, EventJson[]>();
  const groups: EventJson[][] = [];
  for (const event of events.toReversed()) {
    const sameness = samenessOf(event);
    const group = sameness === undefined ? undefined : latest.get(sameness);
    const before = group?.at(-1);
    if (group && before && Date.parse(event.time) - Date.parse(before.time) <= TOGETHER_MS) {
      group.push(event);
      continue;
    }
    const fresh = [event];
    groups.push(fresh);
    if (sameness !== undefined) latest.set(sameness, fresh);
  }
  return groups
    .map((group) => ({ first: group[0], last: group.at(-1), events: group }))
    .flatMap(({ first, last, events: all }) =>
      first && last ? [{ key: first.seq, events: all, last }] : [],
    )
    .sort((a, b) => b.last.seq - a.last.seq);
}

/** What events of one group have in common; undefined where an event stands alone. */
function samenessOf({ type, service, server, from, to, reason }: EventJson): string | undefined {
  if (type !== 'server' || server === undefined) return undefined;
  return JSON.stringify([service, from, to, reason]);
}
