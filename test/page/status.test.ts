/** What the page shows is what the agent says. */
import { expect, test } from 'vitest';
import type { ServerStatusJson } from '../../src/agent/control/shapes.js';
import { least } from './least.js';
import { rowOf, usePages } from './opened-page.js';
import { manyServices, outage } from './scenes.js';
import { shownRows } from './shown.js';
import { World } from './world.js';

const open = usePages();

const WEB = 'tcp:192.0.2.1:80';
const web = () =>
  new World([{ service: WEB, name: 'web', servers: ['10.0.0.2:8080', '10.0.0.3:8080'] }]);

const WORDS = {
  ...{
    ok: 'OK',
    degraded: 'Degraded',
    sorry: 'Sorry server',
    'fail-open': 'Fail-open',
    down: 'Down',
  },
  ...{ up: 'Up', starting: 'Starting', draining: 'Draining', maintenance: 'Maintenance' },
};

const weightText = ({ weight, wantedWeight }: ServerStatusJson) =>
  `${weight === wantedWeight ? weight : `${weight} of ${wantedWeight}`}weight`;

test('services and servers are shown as ipvs status --json has them', async () => {
  const world = outage(Date.now);
  const { services } = world.status();
  const hash = `#${services.map(({ service }) => `open=${encodeURIComponent(service)}`).join('&')}`;
  const { page, errors } = await open(world, { hash });
  const shown = await shownRows(page);
  const expected = services.flatMap(({ service, name, state, since, up, servers }) => [
    {
      kind: 'service',
      ...{ state: WORDS[state], name, address: service, since },
      servers: `${up}/${servers.length}`,
    },
    ...servers.map((server) => ({
      kind: 'server',
      ...{ state: WORDS[server.state], name: server.server, address: '', since: server.since },
      servers: weightText(server),
    })),
  ]);
  const order = (rows: readonly object[]) =>
    rows.map((row) => JSON.stringify(row, Object.keys(row).sort())).sort();
  expect(order(shown.map((row) => ({ ...row, why: undefined })))).toEqual(order(expected));
  for (const { name, why } of shown.filter(({ kind }) => kind === 'server')) {
    const reasons = services.flatMap(({ servers }) =>
      servers.filter(({ server }) => server === name),
    );
    const reason = reasons.map((server) => server.reason ?? '');
    expect(reason.some((text) => why.includes(text))).toBe(true);
  }
  expect(errors).toEqual([]);
});

test('a service that suffers comes first, with what that means and the reason', async () => {
  const { page } = await open(outage(Date.now));
  const rows = await shownRows(page);
  expect(rows.slice(0, 4).map(({ name, state, why }) => ({ name, state, why }))).toEqual([
    {
      name: 'search',
      state: 'Down',
      why: 'No server takes clients\n4 servers: connection refused',
    },
    {
      name: 'login',
      state: 'Sorry server',
      why: '1 of 4 up, quorum 2\n2 servers: no answer in 2 s (and 1 more)',
    },
    { name: 'api', state: 'Degraded', why: '2 down of 8\n2 servers: status 503, expected 200-299' },
    {
      name: 'web',
      state: 'Degraded',
      why: '1 down of 12\n10.0.1.19:8443: the certificate expires in 2 days, minDaysLeft is 7',
    },
  ]);
  expect(await page.locator('#verdict').textContent()).toBe('4 of 24 services are in trouble');
});

test('a server that goes down is seen within two seconds, and comes back', async () => {
  const opened = await open(web());
  const { page, world, errors } = opened;
  const row = rowOf(opened, WEB);
  // The stream of events has been opened when its first ones are there.
  world.tell({ type: 'agent', severity: 'info', to: 'started' });
  await page.locator('#event-list li').first().waitFor();
  const measure = async () => {
    const seen = page.evaluate(whenDegraded);
    await page.evaluate('0');
    const at = Date.now();
    world.change(WEB, '10.0.0.3:8080', 'down', 'connection refused');
    const tookMs = (await seen) - at;
    await row.getByText('10.0.0.3:8080: connection refused').waitFor();
    expect(await page.title()).toBe('(1) ipvs: The only service is in trouble');
    world.change(WEB, '10.0.0.3:8080', 'up');
    await row.getByText('OK').waitFor();
    expect(await page.title()).toBe('ipvs: The only service is well');
    return tookMs;
  };
  const tookMs = await least(measure, 2_000);
  console.log(`seen after ${tookMs} ms`);
  expect(tookMs).toBeLessThan(2_000);
  expect(errors).toEqual([]);
});

/** Runs in the page: when the service was shown as degraded. */
function whenDegraded(): Promise<number> {
  return new Promise((resolve) => {
    const seen = new MutationObserver(() => {
      if (document.querySelector('.row-service .badge')?.textContent !== 'Degraded') return;
      resolve(Date.now());
      seen.disconnect();
    });
    seen.observe(document.body, { subtree: true, childList: true, characterData: true });
  });
}

test('only the service that an event names is asked for again; after very many events it is the whole status', async () => {
  const { page, world, requests } = await open(manyServices(200));
  world.tell({ type: 'agent', severity: 'info', to: 'started' });
  await page.locator('#event-list li').first().waitFor();
  await expect.poll(() => requests.filter((url) => url === '/v1/status').length).toBe(2);
  requests.length = 0;
  world.change('tcp:192.0.0.9:80', '10.0.9.12:8080', 'draining');
  await page.getByText('1 draining of 4').waitFor();
  const asked = () => requests.filter((url) => !url.startsWith('/v1/traffic'));
  expect(asked()).toEqual(['/v1/services/tcp%3A192.0.0.9%3A80']);
  for (let index = 0; index < 120; index += 1) {
    world.change(
      `tcp:192.0.0.${index + 1}:80`,
      `10.0.${index + 1}.11:8080`,
      'down',
      'no answer in 2 s',
    );
  }
  await page.getByText('120 degraded').waitFor();
  expect(
    asked()
      .slice(1)
      .filter((url) => url.startsWith('/v1/services/')).length,
  ).toBeLessThan(60);
  expect(asked()).toContain('/v1/status');
});

test('events are listed, those that say the same in one line, and open the service that they are about', async () => {
  const { page, errors } = await open(outage(Date.now));
  const lines = page.locator('#event-list li');
  const search = lines.filter({ hasText: 'connection refused' });
  await search.waitFor();
  expect(await search.locator('p').textContent()).toBe('warning: search4 serversup → down');
  await page.locator('#search').fill('dns');
  await search.getByRole('button', { name: 'search' }).click();
  await page.locator('.row-server').getByText('10.0.4.11:9200').waitFor();
  expect(await page.locator('#search').inputValue()).toBe('');
  expect(errors).toEqual([]);
});

test('a service that is removed goes from the list, and one that is added comes', async () => {
  const world = outage(Date.now);
  const { page } = await open(world);
  const ftp = world.services.get('mark:7');
  world.services.delete('mark:7');
  world.tell({ type: 'config', severity: 'info', reason: 'read again' });
  await page.getByText('of 23 services').first().waitFor();
  if (ftp) world.services.set('mark:8', { ...ftp, service: 'mark:8', name: 'ftp-new' });
  world.tell({ type: 'config', severity: 'info', reason: 'read again' });
  await page.getByText('ftp-new').waitFor();
});

test('a faulty configuration is shown with its place', async () => {
  const world = web();
  world.problem = 'web.yaml:7:9: unknown key "intervall"; did you mean "interval"?';
  const { page } = await open(world);
  await page.getByText(world.problem).waitFor();
  world.problem = undefined;
  world.tell({ type: 'config', severity: 'info', reason: 'read again' });
  await page.locator('#config').waitFor({ state: 'hidden' });
});

test('the page says since when the agent cannot be reached, and goes on when it is back', async () => {
  const { page, world, server } = await open(web());
  await page.getByText('live').waitFor();
  await server.stop();
  await page
    .getByText(/^The agent has not answered since \d\d:\d\d:\d\d\. What is below is as it was then/)
    .waitFor();
  expect(await page.locator('#connection').textContent()).toBe('not connected');
  world.change(WEB, '10.0.0.2:8080', 'down', 'status 503, expected 200-299');
  await server.start();
  await page.getByText('10.0.0.2:8080: status 503, expected 200-299').waitFor();
  await page.locator('#unreachable').waitFor({ state: 'hidden' });
  expect(await page.locator('#connection').textContent()).toBe('live');
});

test('an agent without services says so', async () => {
  const { page } = await open(new World([]));
  expect(await page.locator('#empty').textContent()).toBe(
    'The agent has no services: its files name none.',
  );
});

test('where the table cannot be read, the page shows no traffic instead of that of before', async () => {
  const world = web();
  const opened = await open(world);
  const active = rowOf(opened, WEB).locator('.cell-active span').first();
  await expect.poll(() => active.textContent()).toBe('149');
  world.tableFailure = new Error('not permitted');
  // The page asks for all of it when it comes to the front.
  await opened.page.evaluate('document.dispatchEvent(new Event("visibilitychange"))');
  await expect.poll(() => active.textContent()).toBe('–');
  expect(await opened.page.locator('#unreachable').isVisible()).toBe(false);
});

test('a plot that is pointed at shows what it was then', async () => {
  const { page } = await open(web(), { hash: `#open=${encodeURIComponent(WEB)}` });
  const figure = page.locator('.row-detail figure').first();
  await figure.locator('.line[d^="M"]').waitFor({ state: 'attached' });
  const value = () => figure.locator('strong').textContent();
  const now = await value();
  const box = await figure.locator('.plot').boundingBox();
  if (box === null) throw new Error('the plot is not there');
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await expect.poll(() => figure.locator('.axis').textContent()).toMatch(/^30 min ago/);
  expect(await value()).not.toBe(now);
  await page.mouse.move(0, 0);
  await expect.poll(value).toBe(now);
});

test('half of thousands of services fail at once, and the page can still be used', async () => {
  const { page, world } = await open(manyServices(4_000));
  await page.locator('#event-list li').first().waitFor();
  for (const [key, { servers }] of [...world.services].slice(0, 2_000)) {
    for (const { server } of servers) world.change(key, server, 'down', 'no answer in 2 s');
  }
  await page.getByText('2,000 down').first().waitFor();
  await page.keyboard.press('/');
  await page.keyboard.type('service-1999');
  await expect.poll(() => page.locator('#count').textContent()).toBe('1 of 4,000 services');
});
