import { isSame } from './step.js';
import type { Recorded, State } from './step.js';

/** What a line of a state is about: what `up` has changed is found again by it, whatever its value is now. */
export type KeyOf = (line: string) => string;

/** What `down` makes of something. */
export interface RevertedState {
  readonly to: State;
  /** What somebody has changed since: it is neither what `up` has set nor what was found, and stays. */
  readonly left: State;
}

/**
 * Takes back what `up` has done to something, and nothing else of it.
 * @param keyOf where each line stands for itself; otherwise the state is one value.
 */
export function revertedState(
  { found, set }: Pick<Recorded, 'found' | 'set'>,
  now: State,
  keyOf?: KeyOf,
): RevertedState {
  if (keyOf === undefined) {
    if (isSame(now, set) || isSame(now, found)) return { to: found, left: [] };
    return { to: now, left: now.length === 0 ? ['(not there any more)'] : now };
  }
  const byKey = (lines: State) => new Map(lines.map((line) => [keyOf(line), line]));
  const [before, ours, current] = [byKey(found), byKey(set), byKey(now)];
  const to: string[] = [];
  const left: string[] = [];
  for (const key of new Set([...before.keys(), ...current.keys()])) {
    const [was, made, is] = [before.get(key), ours.get(key), current.get(key)];
    // What `up` has added goes, also when it was set otherwise since; what others have added stays.
    if (was === undefined && made !== undefined) continue;
    const line = is === made ? was : is;
    if (line !== undefined) to.push(line);
    if (is !== undefined && was !== undefined && line !== was) left.push(is);
  }
  return { to, left };
}

/** What `up` answers for, of what there will be: not what others have added meanwhile. */
export function answeredFor(
  { step, found, set }: Recorded,
  to: State,
  keyOf: KeyOf | undefined,
): State {
  if (keyOf === undefined) return to;
  const own = new Set([...step.wanted, ...found, ...set].map(keyOf));
  return to.filter((line) => own.has(keyOf(line)));
}
