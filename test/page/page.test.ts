import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser, openPage } from './browser.js';
import { FixtureServer } from './fixture-server.js';
import { World } from './world.js';

let browser: Browser;

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser.close();
});

test('the page runs under its own policy, and shows each service', async () => {
  const world = new World([
    { service: 'tcp:192.0.2.1:80', name: 'web', servers: ['10.0.0.2:8080', '10.0.0.3:8080'] },
  ]);
  world.change('tcp:192.0.2.1:80', '10.0.0.3:8080', 'down', 'status 503, expected 200-299');
  const server = new FixtureServer(world);
  await server.start();
  const { page, errors } = await openPage(browser, server.url);
  await page.getByText('10.0.0.3:8080: status 503, expected 200-299').waitFor();
  await page.screenshot({ path: '/tmp/s7/first.png' });
  expect(errors).toEqual([]);
  await page.context().close();
  await server.stop();
});
