import { chromium } from 'playwright-core';
import type { Browser, BrowserContext, CDPSession, Page } from 'playwright-core';

/** Debian's package. */
const CHROMIUM = '/usr/bin/chromium';

/** What else a browser would ask the world for. */
const QUIET = [
  ...['--no-sandbox', '--disable-background-networking', '--disable-component-update'],
  ...['--disable-sync', '--no-first-run', '--disable-default-apps', '--no-pings'],
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
];

/** A browser with a profile that is gone when it is closed. */
export async function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: QUIET, headless: true });
}

export const DESKTOP = { width: 1280, height: 800 };
export const PHONE = { width: 390, height: 844 };

export interface Look {
  readonly size?: typeof DESKTOP;
  readonly theme?: 'light' | 'dark';
}

/** A browser's window as it is for one person: its size and theme, in UTC. */
export function openContext(
  browser: Browser,
  { size = DESKTOP, theme = 'light' }: Look,
): Promise<BrowserContext> {
  const isMobile = size === PHONE;
  return browser.newContext({
    ...{ viewport: size, colorScheme: theme, hasTouch: isMobile, isMobile },
    ...{ deviceScaleFactor: 1, timezoneId: 'UTC' },
  });
}

/** A page, and what a test looks at besides. */
export interface WatchedPage {
  readonly page: Page;
  /** Performance is measured by it, from before the page was loaded. */
  readonly session: CDPSession;
  /** Errors of its script, breaches of its policy, requests that failed. */
  readonly errors: string[];
  /** What it has asked for: the path and the query. */
  readonly requests: string[];
}

export async function openPage(
  browser: Browser,
  url: string,
  look: Look = {},
): Promise<WatchedPage> {
  const context = await openContext(browser, look);
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  const requests: string[] = [];
  page.on('request', (request) => requests.push(request.url().slice(new URL(url).origin.length)));
  const session = await context.newCDPSession(page);
  await session.send('Performance.enable');
  await page.goto(url);
  return { page, session, errors, requests };
}
