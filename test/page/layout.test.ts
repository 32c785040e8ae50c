/** Nothing is cut off where there is little room. */
import { expect, test } from 'vitest';
import { PHONE } from './browser.js';
import { usePages } from './opened-page.js';
import { outage } from './scenes.js';

const open = usePages();

const SIZES = [
  PHONE,
  { width: 320, height: 640 },
  { width: 768, height: 1024 },
  { width: 900, height: 700 },
  { width: 1200, height: 800 },
  { width: 1280, height: 800 },
  { width: 1920, height: 1080 },
];

test.each(SIZES)('at $width × $height nothing has to be scrolled to the side', async (size) => {
  const { page } = await open(outage(Date.now), { size });
  await page.locator('.row-service').nth(2).click();
  await page.locator('.row-detail').waitFor();
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  expect(width).toBe(size.width);
});

test.each(SIZES)('at $width × $height no row is higher than its place', async (size) => {
  const { page } = await open(outage(Date.now), { size });
  for (const index of [2, 0]) await page.locator('.row-service').nth(index).click();
  await page.locator('.row-server').first().waitFor();
  const cut = await page.evaluate(() =>
    Array.from(document.querySelectorAll('.row, .cell-detail'))
      .filter((row) => row.scrollHeight > row.clientHeight + 1)
      .map((row) => `${row.className} ${row.scrollHeight} ${row.clientHeight}`),
  );
  expect(cut).toEqual([]);
});

test('on a telephone services and events are shown one at a time', async () => {
  const { page } = await open(outage(Date.now), { size: PHONE });
  const [list, events] = [page.locator('#services'), page.locator('aside')];
  expect([await list.isVisible(), await events.isVisible()]).toEqual([true, false]);
  await page.getByRole('button', { name: 'Events' }).click();
  expect([await list.isVisible(), await events.isVisible()]).toEqual([false, true]);
  await events.getByRole('button', { name: 'search' }).first().click();
  expect([await list.isVisible(), await events.isVisible()]).toEqual([true, false]);
});
