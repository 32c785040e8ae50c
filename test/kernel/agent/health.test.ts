/** The agent on a director with direct routing: who serves, by the health of the real servers. */
import { expect, test } from 'vitest';
import { configureAgent, RS1, RS2, useAgentScene, VIP, web } from '../../support/agent.js';
import { useLab } from '../../support/director.js';

const URL = `http://${VIP}/`;

const scene = useAgentScene(useLab());

const CHECK = 'interval: 1s, fastInterval: 300ms, downInterval: 1s, timeout: 1s, rise: 1, fall: 3';

const config = (check: string) => `reconcile: 1s
services:
  - name: web
    service: tcp:${VIP}:80
    scheduler: rr
    method: dr
    check: {${check}, ${CHECK}}
    sorryServer: 127.0.0.1:80
    servers:
      - {server: '${RS1}:80', weight: 2}
      - {server: '${RS2}:80', weight: 1}
`;

const rule = (address: string, weight: number) =>
  `-a -t ${VIP}:80 -r ${address}:80 -g -w ${weight}`;
const SERVICE = `-A -t ${VIP}:80 -s rr`;
const becomes = (...rules: string[]) => scene().becomes(SERVICE, ...rules);

const WHOLE = [rule(RS1, 2), rule(RS2, 1)];

test('S46, S47: real servers go and come back by their health, and the sorry server steps in when none is left', async () => {
  const [rs1, rs2] = scene().servers;
  const { client, director } = scene();
  await configureAgent(director, config('type: tcp'));
  const agent = await scene().start();
  await becomes(...WHOLE);
  await agent.says(/server up web 192\.168\.1\.191:80/);

  await web.shut(rs1);
  await becomes(rule(RS1, 0), rule(RS2, 1));
  await agent.says(/server down web 192\.168\.1\.191:80: .*refused/);
  expect([await web.ask(client, URL), await web.ask(client, URL)]).toEqual(['rs2', 'rs2']);

  await web.shut(rs2);
  await becomes(rule(RS1, 0), rule(RS2, 0), rule('127.0.0.1', 1));
  expect(await web.ask(client, URL)).toBe('sorry');

  await web.open(rs1, 'rs1');
  await becomes(rule(RS1, 2), rule(RS2, 0));
  expect(await web.ask(client, URL)).toBe('rs1');
  await web.open(rs2, 'rs2');
  await becomes(...WHOLE);
});

test('S46: a web server that answers 500, and one that accepts and says nothing, are down', async () => {
  const [rs1, rs2] = scene().servers;
  await configureAgent(scene().director, config('type: http'));
  const agent = await scene().start();
  await becomes(...WHOLE);
  await web.be(rs1, 'failing');
  await becomes(rule(RS1, 0), rule(RS2, 1));
  await agent.says(/server down web 192\.168\.1\.191:80: status 500/);
  await web.be(rs1, 'silent');
  await web.be(rs2, 'silent');
  await becomes(rule(RS1, 0), rule(RS2, 0), rule('127.0.0.1', 1));
  await agent.says(/server down web 192\.168\.1\.192:80: no answer/);
  await web.be(rs1, 'well');
  await web.be(rs2, 'well');
  await becomes(...WHOLE);
});
