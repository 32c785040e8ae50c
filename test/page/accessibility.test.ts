/** Whoever cannot see the page, or its colours, or use a mouse, works with it all the same. */
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { DESKTOP, PHONE } from './browser.js';
import { usePages } from './opened-page.js';
import { outage } from './scenes.js';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const open = usePages();

/** What axe finds: the rule, and the element. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const results = await page.evaluate<AxeResults>('axe.run()');
  return results.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary = '' }) => `${id}: ${html}\n${failureSummary}`),
  );
}

describe.each(['light', 'dark'] as const)('%s', (theme) => {
  test.each([
    { name: 'on a desk', size: DESKTOP },
    { name: 'on a telephone', size: PHONE },
  ])('axe finds nothing $name', async ({ size }) => {
    const world = outage(Date.now);
    world.problem = 'web.yaml:7:9: unknown key "intervall"';
    const opened = await open(world, { theme, size });
    const { page } = opened;
    await page.locator('.row-service .plot .line[d^="M"]').first().waitFor();
    expect(await violations(page)).toEqual([]);
    for (const index of [2, 0]) await page.locator('.row-service').nth(index).click();
    await page.locator('.row-server').first().waitFor();
    expect(await violations(page)).toEqual([]);
    await page.locator('#help-button').click();
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press('Escape');
    if (size === PHONE) await page.locator('#tab-events').click();
    expect(await violations(page)).toEqual([]);
    await opened.server.stop();
    await page.locator('#unreachable:not([hidden])').waitFor();
    expect(await violations(page)).toEqual([]);
  });
});
