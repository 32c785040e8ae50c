/** What others get to know of the quorum and of events: routers, keepalived, programs. */
import { expect, test } from 'vitest';
import { configureAgent, RS1, RS2, useAgentScene, VIP, web } from '../../support/agent.js';
import { useLab } from '../../support/director.js';
import { folderOf, read } from '../../support/programs.js';

const scene = useAgentScene(useLab());

const ANNOUNCED = '192.0.2.9';

const config = (folder: string) => `reconcile: 1s
services:
  - name: web
    service: tcp:${VIP}:80
    scheduler: rr
    method: dr
    check: {type: http, interval: 500ms, fastInterval: 300ms, downInterval: 500ms, timeout: 5s, rise: 1, fall: 2}
    quorum: 2
    trackFile: ${folder}/web.quorum
    onChange: [/bin/sh, -c, 'cat >> "$1"', sh, ${folder}/changes]
    servers: ['${RS1}:80', '${RS2}:80']
  - name: announced
    service: tcp:${ANNOUNCED}:80
    scheduler: rr
    method: dr
    check: {type: http, interval: 500ms, fastInterval: 300ms, downInterval: 500ms, timeout: 5s, rise: 1, fall: 2}
    quorum: 2
    announce: {interface: announced0}
    servers: ['${RS1}:80', '${RS2}:80']
`;

async function addresses(): Promise<string> {
  const { stdout } = await scene().director.run(['ip', '-o', 'addr', 'show', 'dev', 'announced0']);
  return stdout;
}

interface Change {
  readonly service?: string;
  readonly server?: string;
  readonly to?: string;
}

test('an address, a file and a program follow the quorum, and a kill -9 changes none of them', async () => {
  const { director, servers } = scene();
  const folder = folderOf(director);
  const file = () => read(director, 'web.quorum').catch(() => '');
  await director.run(['ip', 'link', 'add', 'announced0', 'type', 'dummy']);
  await director.run(['ip', 'link', 'set', 'announced0', 'up']);
  await configureAgent(director, config(folder));
  let agent = await scene().start();
  await expect.poll(addresses).toContain(`inet ${ANNOUNCED}/32`);
  await expect.poll(file).toBe('0\n');

  await web.be(servers[0], 'failing');
  await expect.poll(addresses).not.toContain(ANNOUNCED);
  await expect.poll(file).toBe('1\n');
  await web.be(servers[0], 'well');
  await expect.poll(addresses).toContain(`inet ${ANNOUNCED}/32`);
  await expect.poll(file).toBe('0\n');

  const changes = async () =>
    (await read(director, 'changes'))
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Change)
      .map(({ service, server = '', to }) => `${service} ${server} ${to}`);
  const WEB = `tcp:${VIP}:80`;
  await expect
    .poll(changes)
    .toEqual(
      expect.arrayContaining([
        `${WEB} ${RS1}:80 up`,
        `${WEB}  ok`,
        `${WEB} ${RS1}:80 down`,
        `${WEB}  down`,
      ]),
    );
  expect((await changes()).filter((text) => !text.startsWith(WEB))).toEqual([]);

  await agent.signal('KILL');
  await agent.hasEnded();
  expect([await file(), await addresses()]).toEqual([
    '0\n',
    expect.stringContaining(`inet ${ANNOUNCED}/32`),
  ]);
  agent = await scene().start();
  await agent.hasChecked();
  expect([await file(), await addresses()]).toEqual([
    '0\n',
    expect.stringContaining(`inet ${ANNOUNCED}/32`),
  ]);
  await agent.end();
  expect(await addresses()).toContain(ANNOUNCED);
  const last = await scene().start('--on-exit', 'remove');
  await last.hasChecked();
  await last.end();
  expect([await file(), await addresses()]).toEqual([
    '1\n',
    expect.not.stringContaining(ANNOUNCED),
  ]);
});

test('an interface that is not there is an event, with what to type', async () => {
  const { director } = scene();
  await configureAgent(director, config(folderOf(director)).replace('announced0', 'nowhere0'));
  const agent = await scene().start();
  await agent.says(
    /announce: there is no interface nowhere0; to make one: ip link add nowhere0 type dummy; ip link set nowhere0 up/,
  );
});
