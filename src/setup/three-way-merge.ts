import { isSame } from './step.js';
import type { Recorded, State } from './step.js';

/** Identifies a line of a state whatever its value: `net/ipv4/ip_forward` of `net/ipv4/ip_forward=1`. */
export type KeyOf = (line: string) => string;

/** The result of reverting something. */
export interface Reverted<T> {
  readonly to: readonly T[];
  /** What somebody has changed since: neither what `up` has applied nor the original. It stays. */
  readonly left: readonly T[];
}

/** The states of something, or of its parts: before `up`, after it, and now. */
export interface ThreeStates<T> {
  readonly original: readonly T[];
  readonly applied: readonly T[];
  readonly current: readonly T[];
}

/**
 * Reverts what `up` has done to something, and nothing else of it.
 * @param keyOf for states whose lines are reverted one by one; otherwise a state is one value.
 */
export function revertedState(
  { original, applied }: Pick<Recorded, 'original' | 'applied'>,
  current: State,
  keyOf?: KeyOf,
): Reverted<string> {
  if (keyOf !== undefined) {
    return revertedParts({ original, applied, current }, keyOf, (one, other) => one === other);
  }
  if (isSame(current, applied) || isSame(current, original)) return { to: original, left: [] };
  return { to: current, left: current.length === 0 ? ['(no longer there)'] : current };
}

/** Reverts what `up` has done to each of several parts that stand for themselves. */
export function revertedParts<T>(
  { original, applied, current }: ThreeStates<T>,
  keyOf: (part: T) => string,
  isEqual: (one: T, other: T) => boolean,
): Reverted<T> {
  const byKey = (parts: readonly T[]) => new Map(parts.map((part) => [keyOf(part), part]));
  const [before, ours, now] = [byKey(original), byKey(applied), byKey(current)];
  const equal = (one: T | undefined, other: T | undefined) =>
    one === undefined || other === undefined ? one === other : isEqual(one, other);
  const to: T[] = [];
  const left: T[] = [];
  for (const key of new Set([...before.keys(), ...now.keys()])) {
    const [was, made, is] = [before.get(key), ours.get(key), now.get(key)];
    // What `up` has added goes, also when it was changed since; what others have added stays.
    if (was === undefined && made !== undefined) continue;
    const part = equal(is, made) ? was : is;
    if (part !== undefined) to.push(part);
    if (is !== undefined && was !== undefined && !equal(part, was)) left.push(is);
  }
  return { to, left };
}

/** The part of a new state that `up` is responsible for: not what others have added meanwhile. */
export function answeredFor(
  { step, original, applied }: Recorded,
  to: State,
  keyOf: KeyOf | undefined,
): State {
  if (keyOf === undefined) return to;
  const own = new Set([...step.wanted, ...original, ...applied].map(keyOf));
  return to.filter((line) => own.has(keyOf(line)));
}
