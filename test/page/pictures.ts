/** Makes the pictures of the page in docs/pictures: npm run pictures */
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { project } from '../support/sources.js';
import { DESKTOP, launchBrowser, openPage, PHONE } from './browser.js';
import { FixtureServer } from './fixture-server.js';
import { allWell, outage } from './scenes.js';

/** A fixed time: the same page gives the same picture. */
const NOW = Date.parse('2026-11-29T14:32:08.000Z');

const SCENES = { well: allWell, outage };
const SIZES = { desktop: DESKTOP, phone: PHONE };

async function settled(page: Page): Promise<void> {
  await page.locator('.row-service').first().waitFor();
  await page.locator('.row-service .plot .line[d^="M"]').first().waitFor();
  await page.locator('#event-list li').first().waitFor({ state: 'attached' });
}

const folder = process.argv[2] ?? join(project, 'docs/pictures');
const browser = await launchBrowser();
try {
  for (const [scene, world] of Object.entries(SCENES)) {
    const server = new FixtureServer(world(() => NOW));
    await server.start();
    for (const [name, size] of Object.entries(SIZES)) {
      for (const theme of ['light', 'dark'] as const) {
        const { page } = await openPage(browser, server.url, { size, theme });
        await settled(page);
        await page.screenshot({ path: join(folder, `page-${scene}-${name}-${theme}.png`) });
        if (scene === 'outage') {
          await page.locator('.row-service').nth(2).click();
          if (name === 'phone') await page.mouse.wheel(0, 560);
          await page.locator('.row-detail').waitFor();
          await page.waitForTimeout(500);
          await page.screenshot({ path: join(folder, `page-open-${name}-${theme}.png`) });
        }
        await page.context().close();
      }
    }
    await server.stop();
  }
} finally {
  await browser.close();
}
