/** What a director with thousands of services needs of its page. */
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { usePages } from './opened-page.js';
import type { OpenedPage } from './opened-page.js';
import { manyServices } from './scenes.js';

const SERVICES = 5_000;

const open = usePages();

/** Seconds that scripts have taken. */
async function scriptSeconds({ session }: OpenedPage): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics');
  return metrics.find(({ name }) => name === 'ScriptDuration')?.value ?? Infinity;
}

/** How long frames took while the page was scrolled by so many pixels a frame. */
async function frameTimes(page: Page, frames: number, pixels: number): Promise<number[]> {
  return page.evaluate(
    async ([count, step]) => {
      const times: number[] = [];
      let before = performance.now();
      for (let frame = 0; frame < count; frame += 1) {
        window.scrollBy(0, step);
        await new Promise(requestAnimationFrame);
        const now = performance.now();
        times.push(now - before);
        before = now;
      }
      return times;
    },
    [frames, pixels] as const,
  );
}

test(`${SERVICES} services are shown after less than a second of script time, and only what is visible is drawn`, async () => {
  const opened = await open(manyServices(SERVICES));
  const { page, errors } = opened;
  await page.locator('.row-service .plot .line[d^="M"]').first().waitFor();
  const seconds = await scriptSeconds(opened);
  console.log(`script time for ${SERVICES} services: ${Math.round(seconds * 1000)} ms`);
  expect(seconds).toBeLessThan(1);
  expect(await page.locator('.row').count()).toBeLessThan(60);
  expect(await page.locator('[role=treegrid]').getAttribute('aria-rowcount')).toBe(
    String(SERVICES + 1),
  );
  expect(errors).toEqual([]);
});

test('scrolling through thousands of services does not stutter', async () => {
  const opened = await open(manyServices(SERVICES));
  const { page } = opened;
  await page.locator('.row-service .plot .line[d^="M"]').first().waitFor();
  const before = await scriptSeconds(opened);
  const times = (await frameTimes(page, 300, 400)).sort((a, b) => a - b);
  const perFrame = ((await scriptSeconds(opened)) - before) / times.length;
  const [median = 0, slow = 0] = [0.5, 0.95].map(
    (share) => times[Math.floor(times.length * share)],
  );
  console.log(
    `frames: median ${median.toFixed(1)} ms, 95 % within ${slow.toFixed(1)} ms, script ${(perFrame * 1000).toFixed(1)} ms each`,
  );
  // What the page itself needs; how long a frame takes besides is up to the machine and its other work.
  expect(perFrame).toBeLessThan(0.008);
  expect(await page.locator('.row').count()).toBeLessThan(60);
});
