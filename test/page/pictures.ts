/** Makes the pictures of the page in docs/pictures: npm run pictures */
import { execFileSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { project } from '../support/sources.js';
import { DESKTOP, openContext, launchBrowser, PHONE } from './browser.js';
import type { Look } from './browser.js';
import { PageServer } from './page-server.js';
import { allWell, outage } from './scenes.js';
import type { World } from './world.js';

/** Always the same: the same page gives the same picture. */
const NOW = Date.parse('2026-11-29T14:32:08.000Z');
const MOST_COLOURS = '256';

const SIZES = { desktop: DESKTOP, phone: PHONE };
const THEMES = ['light', 'dark'] as const;

interface Picture {
  readonly name: string;
  readonly world: (now: () => number) => World;
  /** What is done before it is taken. */
  readonly act?: (page: Page) => Promise<void>;
}

const PICTURES: readonly Picture[] = [
  { name: 'well', world: allWell },
  { name: 'outage', world: outage },
  { name: 'open', world: outage, act: openApi },
];

async function openApi(page: Page): Promise<void> {
  const row = page.locator('.row-service', { hasText: 'tcp:192.0.2.11:443' });
  await row.click();
  await page.locator('.row-detail .plot .line[d^="M"]').first().waitFor();
  await page.mouse.move(0, 0);
  // On a telephone it is below the overview.
  const top = await row.evaluate((element) => element.getBoundingClientRect().top);
  if (top > 400) await page.evaluate(`window.scrollBy(0, ${top - 12})`);
  await page.locator('.row-server .cell-active', { hasText: '465' }).first().waitFor();
}

/** Ages on the page are by the agent's clock, which the header Date tells. */
async function setClock(page: Page): Promise<void> {
  await page.route(/\/v1\/(?:status|services|traffic)/, async (route) => {
    const response = await route.fetch();
    const headers = { ...response.headers(), date: new Date(NOW).toUTCString() };
    await route.fulfill({ response, headers });
  });
}

async function take(browser: Browser, folder: string, picture: Picture, look: Look, file: string) {
  const server = new PageServer(picture.world(() => NOW));
  await server.start();
  const context = await openContext(browser, look);
  const page = await context.newPage();
  await setClock(page);
  await page.goto(server.url);
  await page.locator('.row-service .plot .line[d^="M"]').first().waitFor();
  await page.locator('#event-list li').first().waitFor({ state: 'attached' });
  await picture.act?.(page);
  const path = join(folder, file);
  await page.screenshot({ path });
  const options = ['--force', '--skip-if-larger', '--strip', '--ext', '.png'];
  execFileSync('pngquant', [...options, MOST_COLOURS, path]);
  await context.close();
  await server.stop();
}

const folder = process.argv[2] ?? join(project, 'docs/pictures');
await mkdir(folder, { recursive: true });
const browser = await launchBrowser();
try {
  for (const picture of PICTURES) {
    for (const [device, size] of Object.entries(SIZES)) {
      for (const theme of THEMES) {
        const file = `page-${picture.name}-${device}-${theme}.png`;
        await take(browser, folder, picture, { size, theme }, file);
      }
    }
  }
} finally {
  await browser.close();
}
