/** Checks with `through: path` over IPv6, and by NAT. */
import { expect, test } from 'vitest';
import { configureAgent, RS1, savedRules, useAgentScene, VIP } from '../support/agent.js';
import { useLab } from '../support/director.js';

const scene = useAgentScene(useLab());

const [VIP6, RS1_6, RS2_6] = ['2001:db8:1::200', '2001:db8:1::191', '2001:db8:1::192'];
const CHECK =
  '{type: http, through: path, interval: 1s, fastInterval: 1s, timeout: 10s, rise: 1, fall: 2}';

test('a path goes over IPv6 by direct routing, and by NAT to another port', async () => {
  const { director, servers } = scene();
  await configureAgent(
    director,
    `reconcile: 5s
defaults: {check: ${CHECK}}
services:
  - {service: 'tcp:[${VIP6}]:80', method: dr, scheduler: rr, servers: ['[${RS1_6}]:80', '[${RS2_6}]:80']}
  - {service: 'tcp:${VIP}:81', method: nat, scheduler: rr, servers: ['${RS1}:80']}
`,
  );
  const agent = await scene().start();
  const own = async () => (await savedRules(director)).filter((rule) => rule.includes(' -t '));
  const wanted = (weight: number) =>
    [
      `-A -t [${VIP6}]:80 -s rr`,
      `-a -t [${VIP6}]:80 -r [${RS1_6}]:80 -g -w 1`,
      `-a -t [${VIP6}]:80 -r [${RS2_6}]:80 -g -w ${weight}`,
      `-A -t ${VIP}:81 -s rr`,
      `-a -t ${VIP}:81 -r ${RS1}:80 -m -w 1`,
    ].sort();
  await expect.poll(own).toEqual(wanted(1));
  await servers[1].run(['ip', 'addr', 'del', `${VIP6}/128`, 'dev', 'lo']);
  await expect.poll(own).toEqual(wanted(0));
  await servers[1].run(['ip', 'addr', 'add', `${VIP6}/128`, 'dev', 'lo', 'preferred_lft', '0']);
  await expect.poll(own).toEqual(wanted(1));
  await agent.end();
  const { stdout } = await director.run(['nft', 'list', 'tables']);
  expect(stdout).toBe('');
});
