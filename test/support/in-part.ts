import { test } from 'vitest';

/** Tests that compare many command lines: `npm test` has the time for a part of them. */

/** A test on one case in so many, and a long one on all of them. */
export function testInPart(
  name: string,
  every: number,
  run: (every: number) => Promise<void>,
): void {
  test(`${name} (one case in ${every})`, () => run(every));
  test(name, { tags: 'long' }, () => run(1));
}

export function oneIn<Value>(every: number, values: readonly Value[]): Value[] {
  return values.filter((_, index) => index % every === 0);
}

/** Of the pairs that two lists make, one in so many: each value is in some pair if either list is that long. */
export function pairsOneIn<First, Second>(
  every: number,
  first: readonly First[],
  second: readonly Second[],
): (readonly [First, Second])[] {
  return first.flatMap((one, row) =>
    second
      .filter((_, column) => (row + column) % every === 0)
      .map((other) => [one, other] as const),
  );
}
