import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { PATIENCE_MS } from '../lab/patience.js';
import { launchBrowser, openPage } from './browser.js';
import type { Look, WatchedPage } from './browser.js';
import { PageServer } from './page-server.js';
import type { World } from './world.js';

/** A page of an agent, and what serves it. */
export interface OpenedPage extends WatchedPage {
  readonly server: PageServer;
  readonly world: World;
}

/** Where in the page it is opened; default: as it is first. */
export interface PageOptions extends Look {
  readonly hash?: string;
}

/** One browser for the tests of a file; what they open is closed after each. */
export function usePages(): (world: World, options?: PageOptions) => Promise<OpenedPage> {
  let browser: Browser;
  const opened: OpenedPage[] = [];
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterEach(async () => {
    for (const { page, server } of opened.splice(0)) {
      await page.context().close();
      await server.stop();
    }
  });
  afterAll(async () => {
    await browser.close();
  });
  return async (world, { hash = '', ...look } = {}) => {
    const server = new PageServer(world);
    await server.start();
    const watched = await openPage(browser, server.url + hash, look);
    const { page } = watched;
    page.setDefaultTimeout(PATIENCE_MS);
    const entry = { ...watched, server, world };
    opened.push(entry);
    await page.locator('.row-service, #empty:not([hidden])').first().waitFor();
    return entry;
  };
}

/** The row of a service. */
export function rowOf({ page }: OpenedPage, key: string) {
  return page.locator(`.row[data-key="${key}"]`);
}
