import type { Browser, CDPSession, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { PATIENCE_MS } from '../lab/patience.js';
import { launchBrowser, openPage } from './browser.js';
import type { Look } from './browser.js';
import { FixtureServer } from './fixture-server.js';
import type { World } from './world.js';

/** A page of an agent, and what serves it. */
export interface OpenedPage {
  readonly page: Page;
  readonly session: CDPSession;
  readonly server: FixtureServer;
  readonly world: World;
  /** What went wrong in the page: errors of its script, breaches of its policy. */
  readonly errors: string[];
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
    const server = new FixtureServer(world);
    await server.start();
    const { page, session, errors } = await openPage(browser, server.url + hash, look);
    page.setDefaultTimeout(PATIENCE_MS);
    const entry = { page, session, server, world, errors };
    opened.push(entry);
    await page.locator('.row-service, #empty:not([hidden])').first().waitFor();
    return entry;
  };
}

/** The row of a service. */
export function rowOf({ page }: OpenedPage, key: string) {
  return page.locator(`.row[data-key="${key}"]`);
}
