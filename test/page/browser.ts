import { chromium } from 'playwright-core';
import type { Browser, CDPSession, Page } from 'playwright-core';

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

/** A page in which every error of its script and every breach of its policy is kept. */
export async function openPage(
  browser: Browser,
  url: string,
  { size = DESKTOP, theme = 'light' }: Look = {},
): Promise<{
  readonly page: Page;
  readonly session: CDPSession;
  readonly errors: string[];
}> {
  const context = await browser.newContext({
    viewport: size,
    colorScheme: theme,
    hasTouch: size === PHONE,
    isMobile: size === PHONE,
    deviceScaleFactor: 1,
  });
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  const session = await context.newCDPSession(page);
  // It counts from here on.
  await session.send('Performance.enable');
  await page.goto(url);
  return { page, session, errors };
}
