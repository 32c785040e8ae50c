/** What a director with thousands of services needs of its page. */
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { least } from './least.js';
import { usePages } from './opened-page.js';
import type { OpenedPage } from './opened-page.js';
import { manyServices } from './scenes.js';

const SERVICES = 5_000;

const open = usePages();

/** What Chromium has counted since before the page was loaded: https://chromedevtools.github.io/devtools-protocol/tot/Performance/ */
async function metric({ session }: OpenedPage, wanted: string): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics');
  return metrics.find(({ name }) => name === wanted)?.value ?? Infinity;
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

async function openMany(): Promise<OpenedPage> {
  const opened = await open(manyServices(SERVICES));
  await opened.page.locator('.row-service .plot .line[d^="M"]').first().waitFor();
  return opened;
}

test(`${SERVICES} services are shown after less than a second of script time`, async () => {
  const seconds = await least(async () => metric(await openMany(), 'ScriptDuration'), 1);
  console.log(`script time for ${SERVICES} services: ${Math.round(seconds * 1000)} ms`);
  expect(seconds).toBeLessThan(1);
});

test('only what is visible is drawn, and the list says how long it is', async () => {
  const { page, errors } = await openMany();
  expect(await page.locator('.row').count()).toBeLessThan(60);
  const rowCount = await page.locator('[role=treegrid]').getAttribute('aria-rowcount');
  expect(rowCount).toBe(String(SERVICES + 1));
  await page.evaluate('window.scrollTo(0, document.body.scrollHeight)');
  await page.locator(`[aria-rowindex="${SERVICES + 1}"]`).waitFor();
  expect(await page.locator('.row').count()).toBeLessThan(60);
  expect(errors).toEqual([]);
});

test('scrolling through thousands of services leaves time in each frame', async () => {
  const opened = await openMany();
  // Of a processor, not by the clock: other work of the machine is not the page's.
  const busy = () => metric(opened, 'ThreadTime');
  const measure = async () => {
    const before = await busy();
    // 7,200 pixels in a second, or 157 services.
    const times = (await frameTimes(opened.page, 120, 120)).sort((a, b) => a - b);
    const busyMs = (((await busy()) - before) / times.length) * 1000;
    const [median = 0, slow = 0] = [0.5, 0.95].map(
      (part) => times[Math.floor(times.length * part)],
    );
    const shown = [median, slow, busyMs].map((ms) => `${ms.toFixed(1)} ms`).join(', ');
    console.log(`frames: median, 95th percentile, main thread busy in each: ${shown}`);
    return busyMs;
  };
  // At 60 frames in a second, one has 16.7 ms.
  expect(await least(measure, 12)).toBeLessThan(12);
});
