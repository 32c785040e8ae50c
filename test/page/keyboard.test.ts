/** All of the page without a mouse. */
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { usePages } from './opened-page.js';
import { manyServices, outage } from './scenes.js';

const open = usePages();

/** The name in the row that has the focus. */
async function focused(page: Page): Promise<string | null | undefined> {
  return page.evaluate(() => document.activeElement?.querySelector('.name')?.textContent);
}

async function type(page: Page, ...keys: readonly string[]): Promise<void> {
  for (const key of keys) await page.keyboard.press(key);
}

test('j and k, arrows, Home and End move through the services', async () => {
  const { page } = await open(outage(Date.now));
  await type(page, 'j');
  expect(await focused(page)).toBe('search');
  await type(page, 'j', 'ArrowDown', 'j');
  expect(await focused(page)).toBe('web');
  await type(page, 'k', 'ArrowUp');
  expect(await focused(page)).toBe('login');
  await type(page, 'End');
  expect(await focused(page)).toBe('web-v6');
  await type(page, 'Home');
  expect(await focused(page)).toBe('search');
});

test('Enter opens a service and closes it, and arrows go to its servers', async () => {
  const { page } = await open(outage(Date.now));
  await type(page, 'j', 'Enter');
  const row = page.locator('.row-service').first();
  await expect.poll(() => row.getAttribute('aria-expanded')).toBe('true');
  await type(page, 'j', 'j');
  expect(await focused(page)).toBe('10.0.4.11:9200');
  await type(page, 'ArrowLeft');
  expect(await focused(page)).toBe('search');
  await expect.poll(() => row.getAttribute('aria-expanded')).toBe('false');
  await type(page, 'ArrowRight');
  await expect.poll(() => row.getAttribute('aria-expanded')).toBe('true');
  await type(page, 'Escape');
  await expect.poll(() => row.getAttribute('aria-expanded')).toBe('false');
});

test('/ searches names, addresses and reasons; Enter goes to what is found, Escape takes the search away', async () => {
  const { page } = await open(outage(Date.now));
  await type(page, '/');
  await page.keyboard.type('10.0.2 503');
  await expect.poll(() => page.locator('#count').textContent()).toBe('1 of 24 services');
  await type(page, 'Enter');
  expect(await focused(page)).toBe('api');
  await type(page, 'Escape');
  await expect.poll(() => page.locator('#count').textContent()).toBe('24 services');
  await type(page, '/');
  await page.keyboard.type('no such thing');
  await page.getByText('No service has “no such thing”. Escape clears the search.').waitFor();
});

test('w shows only what is wrong, and the address of the page says so', async () => {
  const { page } = await open(outage(Date.now));
  await type(page, 'w');
  await expect.poll(() => page.locator('#count').textContent()).toBe('7 of 24 services');
  expect(new URL(page.url()).hash).toBe('#wrong=1');
  await page.reload();
  await expect.poll(() => page.locator('#count').textContent()).toBe('7 of 24 services');
  await type(page, 'w');
  await expect.poll(() => page.locator('#count').textContent()).toBe('24 services');
});

test('s changes the order, and says which it is', async () => {
  const { page } = await open(outage(Date.now));
  const first = () => page.locator('.row-service .name').first().textContent();
  await type(page, 's');
  await expect.poll(first).toBe('api');
  expect(await page.locator('#announcements').textContent()).toBe('Sorted by: Name');
  expect(await page.locator('[data-order=name]').getAttribute('aria-sort')).toBe('ascending');
  await type(page, 's', 's');
  await expect.poll(first).toBe('dns');
});

test('? shows the keys, and Escape takes that away', async () => {
  const { page } = await open(outage(Date.now));
  await type(page, '?');
  const help = page.getByRole('dialog', { name: 'Keys' });
  await help.waitFor();
  // Keys of the page do nothing while it is shown.
  await type(page, 'w');
  await type(page, 'Escape');
  await help.waitFor({ state: 'hidden' });
  expect(await page.locator('#wrong').isChecked()).toBe(false);
});

test('letters do nothing when that is switched off in the help, and that is kept', async () => {
  const { page } = await open(outage(Date.now));
  await type(page, '?');
  await page.locator('#single-keys').uncheck();
  await type(page, 'Escape');
  await page.reload();
  await page.locator('.row-service').first().waitFor();
  await type(page, 'w', 'ArrowDown');
  expect(await focused(page)).toBe('search');
  expect(await page.locator('#wrong').isChecked()).toBe(false);
});

test('t goes from the theme of the system to light and to dark, and that is kept', async () => {
  const { page } = await open(outage(Date.now), { theme: 'dark' });
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const dark = await background();
  await type(page, 't');
  const light = await background();
  expect(light).not.toBe(dark);
  await type(page, 't');
  expect(await background()).toBe(dark);
  await page.reload();
  expect(await page.locator('#theme-name').textContent()).toBe('dark');
});

test('the focus stays on its service when the order changes, and when it is far from what is visible', async () => {
  const { page, world } = await open(manyServices(1_000));
  await type(page, 'j', 'j', 'j', 'j');
  const name = await focused(page);
  const key = await page.evaluate(() => document.activeElement?.getAttribute('data-key'));
  await page.evaluate('window.scrollTo(0, 30_000)');
  await page.locator('.row[aria-rowindex="660"]').waitFor();
  expect(await focused(page)).toBe(name);
  const server = world.services.get(key ?? '')?.servers[0]?.server ?? '';
  for (const { server: one } of world.services.get(key ?? '')?.servers ?? []) {
    world.change(key ?? '', one, 'down', 'connection refused');
  }
  await page.evaluate('window.scrollTo(0, 0)');
  await page.getByText(`4 servers: connection refused`).waitFor();
  expect(server).not.toBe('');
  expect(await focused(page)).toBe(name);
  expect(await page.locator('.row-service .name').first().textContent()).toBe(name);
});

test('all that can be clicked can be reached by Tab', async () => {
  const { page } = await open(outage(Date.now));
  const reached = new Set<string>();
  for (let step = 0; step < 40; step += 1) {
    await type(page, 'Tab');
    reached.add(
      await page.evaluate(() => {
        const { id = '', className = '' } = document.activeElement ?? {};
        return `${id} ${className}`.trim();
      }),
    );
  }
  for (const name of ['theme', 'help-button', 'search', 'wrong', 'order', 'event-scroll', 'link']) {
    expect([...reached]).toContain(name);
  }
  expect([...reached].some((name) => name.includes('row-service'))).toBe(true);
});

test('new problems are said to screen readers, once', async () => {
  const { page, world } = await open(outage(Date.now));
  world.tell({ type: 'agent', severity: 'info', to: 'started' });
  await page.locator('#event-list li').first().waitFor();
  world.change('tcp:192.0.2.16:443', '10.0.7.11:8080', 'down', 'connection refused');
  const announced = page.locator('#announcements');
  await expect
    .poll(() => announced.textContent())
    .toBe('shop: Degraded. 1 down of 6. 10.0.7.11:8080: connection refused.');
  expect(await announced.getAttribute('aria-live')).toBe('polite');
});
