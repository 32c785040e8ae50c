import { expect, test } from 'vitest';
import { setupScene } from '../support/setup-scene.js';
import type { SetupScene } from '../support/setup-scene.js';

/** What `ipvs realserver` makes of addresses and settings that others have put there. */

const VIP = '192.0.2.80';
const DR = ['--method', 'dr', '--vip', VIP];
const CONF = '/proc/sys/net/ipv4/conf';

function withAddress(address: string): SetupScene {
  const context = setupScene();
  context.ip.links.find(({ name }) => name === 'lo')?.addresses.push(address);
  return context;
}

test('a net on lo is an error of up that names the prefix, and a status that is not running', async () => {
  const context = withAddress(`${VIP}/24`);
  const before = context.all();
  const up = await context.run(['realserver', 'up', ...DR]);
  expect(up).toMatchObject({ status: 3, stdout: '' });
  expect(up.stderr).toContain(`ip address del ${VIP}/24 dev lo\n  ip address add ${VIP}/32 dev lo`);
  expect(context.all()).toEqual(before);
  context.ip.links.find(({ name }) => name === 'lo')?.addresses.push(`${VIP}/32`);
  const status = await context.run(['realserver', 'status', ...DR]);
  expect(status.status).toBe(3);
  expect(status.stdout).toContain(`not ok  ${VIP}/24 dev lo`);
});

test('arp_ignore 3 stays where the address has scope host, and down leaves what it found', async () => {
  const context = withAddress(`${VIP}/32 host`);
  context.host.files.set(`${CONF}/all/arp_ignore`, '3\n');
  const before = context.all();
  await context.run(['realserver', 'up', ...DR]);
  expect(context.host.files.get(`${CONF}/all/arp_ignore`)).toBe('3\n');
  await context.run(['realserver', 'down']);
  expect(context.all()).toEqual(before);
});

test("a second up keeps the interface's own value that the first one has set", async () => {
  const context = setupScene();
  const own = `${CONF}/eth0/arp_ignore`;
  context.host.files.set(own, '4\n');
  await context.run(['realserver', 'up', ...DR]);
  expect(context.host.files.get(own)).toBe('1\n');
  const again = await context.run(['realserver', 'up', ...DR]);
  expect(again.stdout).toMatch(/^Nothing was changed\.$/m);
  expect(context.host.files.get(own)).toBe('1\n');
  await context.run(['realserver', 'down']);
  expect(context.host.files.get(own)).toBe('4\n');
});
