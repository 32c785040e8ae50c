/** What a row has found: plain numbers, and what is wanted of them. */

/** Times are in milliseconds, memory is in megabytes (10⁶ bytes); `cores` are processors that were busy on average. */
export type Unit = 'ms' | 'MB' | 'lines/s' | 'cores' | '%' | 'batches';

/** What the values are measured against. */
export type Target =
  /** The other takes so many times as long, at least. */
  | { readonly kind: 'faster'; readonly atLeast: number }
  /** The other's time, so many times, is the most. */
  | { readonly kind: 'slower'; readonly atMost: number }
  | { readonly kind: 'below'; readonly atMost: number }
  | { readonly kind: 'above'; readonly atLeast: number };

export interface Result {
  /** What was done, in a few words. */
  readonly what: string;
  readonly unit: Unit;
  readonly ours: readonly number[];
  /** What it is measured beside, in turn with ours. */
  readonly other?: { readonly name: string; readonly values: readonly number[] } | undefined;
  readonly target?: Target | undefined;
  /** What is missing, and how to get it. */
  readonly note?: string | undefined;
}

/** The number that a target speaks of. */
export interface Figure {
  readonly value: number;
  readonly reached: boolean;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low = NaN, high = NaN] = [sorted[(sorted.length - 1) >> 1], sorted[middle]];
  return (low + high) / 2;
}

/** Undefined without a target, and where there is nothing to measure against. */
export function figureOf({ ours, other, target }: Result): Figure | undefined {
  switch (target?.kind) {
    case undefined:
      return undefined;
    case 'below':
      return atMost(median(ours), target.atMost);
    case 'above':
      return atLeast(median(ours), target.atLeast);
    case 'slower':
      return other && atMost(ratio(ours, other.values), target.atMost);
    case 'faster':
      return other && atLeast(ratio(other.values, ours), target.atLeast);
  }
}

/** Of pairs: what else the machine does in a while weighs on both of a pair alike. */
function ratio(above: readonly number[], below: readonly number[]): number {
  if (above.length !== below.length) return median(above) / median(below);
  return median(above.map((value, index) => value / (below[index] ?? NaN)));
}

const atMost = (value: number, limit: number): Figure => ({ value, reached: value <= limit });
const atLeast = (value: number, limit: number): Figure => ({ value, reached: value >= limit });
