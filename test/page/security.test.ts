/** Reasons and names hold what others send: none of it may become a part of the page. */
import { expect, test } from 'vitest';
import { page as agentPage } from '../../src/agent/page/page.js';
import { usePages } from './opened-page.js';
import { World } from './world.js';

const open = usePages();

const ATTACKS = [
  '<img src=x onerror="document.title=1">',
  '<script>document.title = "attacked"</script>',
  '"><svg onload=alert(1)>',
  '\u202Egnp.exe',
  "'; DROP TABLE services; --",
];

test('what a hostile server sends is shown as text, and runs nothing', async () => {
  const keys = ATTACKS.map((_, index) => `tcp:192.0.2.${index + 1}:80`);
  const world = new World(
    keys.map((service, index) => ({
      service,
      name: ATTACKS[index] ?? '',
      servers: [`10.0.0.${index + 1}:80`],
    })),
  );
  keys.forEach((key, index) => {
    world.change(key, `10.0.0.${index + 1}:80`, 'down', ATTACKS[index]);
  });
  world.problem = ATTACKS[0];
  const { page, errors } = await open(world, {
    hash: `#open=${encodeURIComponent(keys[1] ?? '')}`,
  });
  for (const attack of ATTACKS)
    await page.locator('.row-service').getByText(attack).first().waitFor();
  await page
    .locator('#event-list')
    .getByText(ATTACKS[1] ?? '')
    .first()
    .waitFor();
  expect(
    await page.locator('.row img, .row script, aside img, aside script, .notice img').count(),
  ).toBe(0);
  expect(await page.title()).toBe('(5) ipvs: All 5 services are in trouble');
  expect(errors).toEqual([]);
});

test('a script that got into the page all the same would not run', async () => {
  const { page, errors } = await open(new World([{ service: 'mark:1', servers: ['10.0.0.1'] }]));
  await page.evaluate(() => {
    const script = document.createElement('script');
    script.textContent = 'document.title = "attacked"';
    document.body.append(script);
    const image = document.createElement('img');
    image.setAttribute('onerror', 'document.title = "attacked"');
    image.src = 'data:,';
    document.body.append(image);
  });
  await expect
    .poll(() => errors.filter((text) => text.includes('Content Security Policy')).length)
    .toBeGreaterThan(1);
  expect(await page.title()).toBe('ipvs: The only service is well');
});

test('the policy allows the one script and the one style, and requests to where the page came from', () => {
  const { contentSecurityPolicy, html } = agentPage();
  expect(contentSecurityPolicy.replaceAll(/'sha256-[\w+/]{43}='/g, 'HASH').split('; ')).toEqual([
    "default-src 'none'",
    'script-src HASH',
    'style-src HASH',
    "connect-src 'self'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ]);
  expect(html.match(/<script/g)).toHaveLength(1);
  expect(html.match(/<style/g)).toHaveLength(1);
  expect(html).not.toMatch(/<[^>]* style=|<[^>]* on[a-z]+=|https?:\/\/(?!www\.w3\.org)/);
});

test('the page asks nobody but the agent', async () => {
  const { page, server } = await open(new World([{ service: 'mark:1', servers: ['10.0.0.1'] }]));
  const asked = await page.evaluate(() =>
    performance.getEntriesByType('resource').map(({ name }) => name),
  );
  expect(asked.filter((url) => !url.startsWith(server.url))).toEqual([]);
});
