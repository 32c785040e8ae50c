import { expect, test } from 'vitest';
import { mapWithLimit } from '../../src/common/concurrency.js';

test('a slow item does not hold up the others', async () => {
  let release: () => void = () => undefined;
  const slow = new Promise<void>((resolve) => {
    release = resolve;
  });
  const begun: number[] = [];
  const mapped = mapWithLimit([0, 1, 2, 3, 4, 5], 2, async (item) => {
    begun.push(item);
    // The first one ends when the last one has begun.
    if (item === 0) await slow;
    if (item === 5) release();
    return item * 10;
  });
  expect(await mapped).toEqual([0, 10, 20, 30, 40, 50]);
  expect(begun).toEqual([0, 1, 2, 3, 4, 5]);
}, 2000);

test('no more than the limit are under way at once', async () => {
  let now = 0;
  let most = 0;
  await mapWithLimit(Array.from({ length: 20 }), 3, async () => {
    now += 1;
    most = Math.max(most, now);
    await new Promise((resolve) => setImmediate(resolve));
    now -= 1;
  });
  expect(most).toBe(3);
});

test('an error rejects, and nothing more is begun', async () => {
  const begun: number[] = [];
  const mapped = mapWithLimit([1, 2, 3, 4], 1, async (item) => {
    begun.push(item);
    await Promise.resolve();
    if (item === 2) throw new Error('refused');
  });
  await expect(mapped).rejects.toThrow('refused');
  expect(begun).toEqual([1, 2]);
});
