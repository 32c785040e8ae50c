/** The page of a real agent: its listener, checks and clock; the kernel is a function. */
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PATIENCE_MS } from '../lab/patience.js';
import { hostAgent } from '../support/host-agent.js';
import { launchBrowser, openPage } from './browser.js';
import { shownRows } from './shown.js';

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser.close();
});

async function listening(): Promise<readonly [Server, string]> {
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return [server, `127.0.0.1:${(server.address() as AddressInfo).port}`];
}

test("it shows what the agent's status says, and a server that dies as soon as that is decided", async () => {
  const [first, one] = await listening();
  const [second, two] = await listening();
  const { agent, url } = await hostAgent(`services:
  - name: web
    service: tcp:192.0.2.1:80
    method: nat
    check: {type: tcp, interval: 300ms, fastInterval: 200ms, downInterval: 300ms, rise: 1, fall: 2}
    servers: ['${one}', {server: '${two}', weight: 3}]
  - service: mark:7
    method: nat
    check: none
    servers: ['10.0.0.9:0']
`);
  const isUp = () => agent.status().services[0]?.servers.every(({ state }) => state === 'up');
  await expect.poll(isUp).toBe(true);
  const { page, errors } = await openPage(browser, `${url}#open=tcp:192.0.2.1:80&open=mark:7`, {});
  page.setDefaultTimeout(PATIENCE_MS);
  await page.locator('.row-server').nth(2).waitFor();

  const expectShown = async () => {
    const shown = await shownRows(page);
    const rows = shown.map(({ kind, name, state, since }) => [kind, name, state, since].join(' '));
    const word = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
    const expected = agent
      .status()
      .services.flatMap(({ service, name, state, since, servers }) => [
        ['service', name ?? service, state === 'ok' ? 'OK' : word(state), since].join(' '),
        ...servers.map((server) =>
          ['server', server.server, word(server.state), server.since].join(' '),
        ),
      ]);
    expect(rows.sort()).toEqual(expected.sort());
  };
  await expectShown();

  await new Promise((resolve) => second.close(resolve));
  await page.getByText(`${two}: connection refused`).waitFor();
  await expectShown();

  first.close();
  await page.getByText('Fail-open').first().waitFor();
  await expectShown();
  expect(errors).toEqual([]);
});
