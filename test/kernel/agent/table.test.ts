/** What the agent does with the table: it adopts it, leaves it, repairs it, and follows its file. */
import { expect, test } from 'vitest';
import {
  configureAgent,
  RS1,
  RS2,
  savedRules,
  useAgentScene,
  VIP,
  web,
} from '../../support/agent.js';
import { ourCommand } from '../../lab/our-commands.js';
import { folderOf } from '../../support/programs.js';
import { useLab } from '../../support/director.js';

const scene = useAgentScene(useLab());

const SERVERS = [`{server: '${RS1}:80', weight: 2}`, `{server: '${RS2}:80', weight: 1}`];

const config = (servers: readonly string[] = SERVERS, more = '') => `reconcile: 500ms
drain: 2s
services:
  - name: web
    service: tcp:${VIP}:80
    scheduler: rr
    method: dr
    check: {type: tcp, interval: 500ms, fastInterval: 300ms, timeout: 5s, rise: 1, fall: 3}
    servers:
${servers.map((server) => `      - ${server}\n`).join('')}${more}`;

const rule = (address: string, weight: number) =>
  `-a -t ${VIP}:80 -r ${address}:80 -g -w ${weight}`;
const SERVICE = `-A -t ${VIP}:80 -s rr`;
const WHOLE = [SERVICE, rule(RS1, 2), rule(RS2, 1)];
const becomes = (...rules: string[]) => scene().becomes(...rules);
const genuine = async (line: string) => {
  const { code, stderr } = await scene().director.genuine(line.split(' '));
  expect([code, stderr]).toEqual([0, '']);
};

test('S50: a server that is commented out and comes back moves its row alone, and no request fails', async () => {
  const { director, client } = scene();
  await configureAgent(director, config());
  const agent = await scene().start();
  await becomes(...WHOLE);
  await web.askAlways(client, `http://${VIP}/`);
  await configureAgent(
    director,
    config().replace(/^.*192\.168\.1\.192.*$/m, (line) => `#${line}`),
  );
  await agent.signal('HUP');
  await becomes(SERVICE, rule(RS1, 2));
  await configureAgent(director, config());
  await agent.signal('HUP');
  await becomes(...WHOLE);
  const answers = await web.stopAsking(client);
  expect(answers.length).toBeGreaterThan(10);
  expect(answers.filter((answer) => !/^rs[12]$/.test(answer))).toEqual([]);
  const writes = await agent.writes();
  expect(writes.filter((request) => request.endsWith('SERVICE'))).toEqual(['NEW_SERVICE']);
  expect(writes.filter((request) => request === 'DEL_DEST')).toEqual(['DEL_DEST']);
});

test('a faulty file changes nothing and is told with its place; the next good one is taken', async () => {
  const { director } = scene();
  await configureAgent(director, config());
  const agent = await scene().start();
  await becomes(...WHOLE);
  await configureAgent(director, config().replace('scheduler: rr', 'schedular: wrr'));
  await agent.says(/config refused.*agent\.yaml:6:5: unknown key "schedular"/);
  expect(await savedRules(director)).toEqual(WHOLE.sort());
  await configureAgent(director, config().replace('scheduler: rr', 'scheduler: wrr'));
  await becomes(SERVICE.replace('rr', 'wrr'), rule(RS1, 2), rule(RS2, 1));
});

test('a table that is right is adopted, left at the end, and not written after a kill -9 either', async () => {
  const { director, client } = scene();
  for (const line of WHOLE) await genuine(line);
  await configureAgent(director, config());
  await web.askAlways(client, `http://${VIP}/`);
  for (const signal of ['TERM', 'KILL', 'KILL', 'TERM']) {
    const agent = await scene().start();
    await agent.hasChecked();
    await agent.signal(signal);
    await agent.hasEnded();
    expect([signal, await agent.writes()]).toEqual([signal, []]);
  }
  const answers = await web.stopAsking(client);
  expect(answers.filter((answer) => !/^rs[12]$/.test(answer))).toEqual([]);
  expect(await savedRules(director)).toEqual(WHOLE.sort());
});

test('what others change in an owned service is repaired and told; a service of others stays', async () => {
  await configureAgent(scene().director, config());
  const agent = await scene().start();
  await becomes(...WHOLE);
  await genuine(`-d -t ${VIP}:80 -r ${RS1}:80`);
  await agent.says(/drift web 192\.168\.1\.191:80: it was deleted; repaired/);
  await becomes(...WHOLE);
  await genuine(`-e -t ${VIP}:80 -r ${RS2}:80 -g -w 9`);
  await agent.says(/drift web 192\.168\.1\.192:80: its weight was set from 1 to 9/);
  await becomes(...WHOLE);
  await genuine(`-a -t ${VIP}:80 -r 192.168.1.199:80 -g`);
  await agent.says(/drift web 192\.168\.1\.199:80: it was added/);
  await becomes(...WHOLE);
  await genuine('-C');
  await agent.says(/drift web: it was deleted/);
  await becomes(...WHOLE);
  await genuine(`-A -t ${VIP}:81 -s rr`);
  const rounds = await agent.writes();
  await agent.hasChecked();
  expect(await agent.writes()).toEqual(rounds);
  await becomes(...WHOLE, `-A -t ${VIP}:81 -s rr`);
});

test('a service that leaves the file is removed; at the end, all are with --on-exit remove', async () => {
  const { director } = scene();
  const other = `  - {service: 'tcp:${VIP}:8080', scheduler: rr, method: dr, servers: ['${RS1}:8080']}\n`;
  await configureAgent(director, config(SERVERS, other));
  const agent = await scene().start('--on-exit', 'remove');
  const second = [`-A -t ${VIP}:8080 -s rr`, `-a -t ${VIP}:8080 -r ${RS1}:8080 -g -w 1`];
  await becomes(...WHOLE, ...second);
  await configureAgent(director, config());
  await becomes(...WHOLE);
  await agent.end();
  expect(await savedRules(director)).toEqual([]);
});

test('--once writes what the checks say, with the status of the worst server; with --dry-run it prints that', async () => {
  const { director } = scene();
  const dead = [...SERVERS, `'192.168.1.193:80'`];
  await configureAgent(director, config(dead));
  const command = [...ourCommand('ipvs'), 'agent', '-f', `${folderOf(director)}/agent.yaml`];
  const once = (...words: string[]) => director.run([...command, '--once', ...words]);
  const dry = await once('--dry-run');
  expect([dry.code, dry.stdout]).toEqual([1, expect.stringContaining(`+ tcp:${VIP}:80`)]);
  expect(await savedRules(director)).toEqual([]);
  expect((await once()).code).toBe(1);
  expect(await savedRules(director)).toEqual([...WHOLE, rule('192.168.1.193', 0)].sort());
});
