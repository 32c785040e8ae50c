/** docs/from-keepalived.md, played under traffic: VRRP stays with keepalived, its checks move to the agent and back. */
import { expect, test } from 'vitest';
import { PATIENCE_MS } from '../../lab/patience.js';
import { VIP, web } from '../../support/agent.js';
import { useOwnLab } from '../../support/director.js';
import { readGuide } from '../../support/moving/guide.js';
import { play } from '../../support/moving/play.js';
import { useMovingScene } from '../../support/moving/scene.js';

const PATIENCE = { timeout: PATIENCE_MS, interval: 500 };
const scene = useMovingScene(useOwnLab(), { bare: true });
const guide = readGuide('docs/from-keepalived.md', 'keepalived');

const START = `cat >/etc/keepalived/keepalived.conf <<'END'
${guide.before.join('')}END
systemctl start keepalived`;

const owner = async () =>
  (await scene().shell.run('ip -brief address show dev eth0')).includes('.200/32');

test('the checks of a keepalived move to the agent and back, as its guide says, and no request fails', async () => {
  await scene().shell.run(START);
  await expect.poll(owner, PATIENCE).toBe(true);
  await play(scene(), guide);
  expect(await owner()).toBe(true);
});

test('a keepalived that reloads a configuration without its virtual servers takes them along: the guide has a reason', async () => {
  const script =
    "sed -i '/^virtual_server/,$d' /etc/keepalived/keepalived.conf && systemctl reload keepalived";
  await scene().shell.run(script);
  await scene().becomes([]);
  expect(await web.ask(scene().client, `http://${VIP}/`)).toBe('sorry');
});
