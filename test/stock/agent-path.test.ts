/** Checks with `through: path`: they need nftables, which the other kernel of the tests lacks. */
import { expect, test } from 'vitest';
import { configureAgent, RS1, RS2, savedRules, useAgentScene, VIP, web } from '../support/agent.js';
import { useLab } from '../support/director.js';

const scene = useAgentScene(useLab());

const config = (through: string, type = 'http', method = 'dr') => `reconcile: 1s
services:
  - name: web
    service: tcp:${VIP}:80
    scheduler: rr
    method: ${method}
    check: {type: ${type}, through: ${through}, interval: 500ms, fastInterval: 300ms, downInterval: 500ms, timeout: 10s, rise: 1, fall: 2}
    servers: ['${RS1}:80', '${RS2}:80']
`;

/** What belongs to paths: the rules of the firewall, routes, and private services. */
async function left(): Promise<string[]> {
  const { director } = scene();
  const script = 'nft list tables; ip route show proto 73; ip -6 route show proto 73';
  const { stdout } = await director.run(['sh', '-c', script]);
  const rules = await savedRules(director);
  return [...stdout.split('\n').filter((line) => line !== ''), ...rules.filter(isPrivate)];
}

const isPrivate = (rule: string) => / -f 12(29|30)\d{6} /.test(rule);
const own = async () => (await savedRules(scene().director)).filter((rule) => !isPrivate(rule));
const weights = (one: number, other: number) =>
  [
    `-A -t ${VIP}:80 -s rr`,
    `-a -t ${VIP}:80 -r ${RS1}:80 -g -w ${one}`,
    `-a -t ${VIP}:80 -r ${RS2}:80 -g -w ${other}`,
  ].sort();

test('a server that answers on its own address and not on the virtual one goes down, and comes back', async () => {
  const { director, servers } = scene();
  await configureAgent(director, config('path'));
  const agent = await scene().start();
  await expect.poll(own).toEqual(weights(1, 1));
  const lo = ['dev', 'lo'];
  await servers[1].run(['ip', 'addr', 'del', `${VIP}/32`, ...lo]);
  await agent.says(new RegExp(`server down web ${RS2}:80: no answer in 10 s`));
  await expect.poll(own).toEqual(weights(1, 0));
  expect(await web.ask(director, `http://${RS2}/`)).toBe('rs2');
  await servers[1].run(['ip', 'addr', 'add', `${VIP}/32`, ...lo]);
  await expect.poll(own).toEqual(weights(1, 1));
  // One that is dead altogether, too.
  await web.be(servers[0], 'failing');
  await agent.says(new RegExp(`server down web ${RS1}:80: status 500, expected 200-399`));
  await web.be(servers[0], 'well');
  await expect.poll(own).toEqual(weights(1, 1));
  await agent.end();
  expect(await left()).toEqual([]);
  expect(await own()).toEqual(weights(1, 1));
});

test('whoever clears the firewall, the routes or the table takes no server out', async () => {
  const { director } = scene();
  await configureAgent(director, config('path', 'tcp').replace('reconcile: 1s', 'reconcile: 20s'));
  const agent = await scene().start();
  await expect.poll(own).toEqual(weights(1, 1));
  const times = async () => (await agent.log()).match(/through: path; repaired/g)?.length ?? 0;
  for (const script of ['nft flush ruleset', 'ip route flush proto 73']) {
    const before = await times();
    await director.run(['sh', '-c', script]);
    await expect.poll(times).toBeGreaterThan(before);
    await agent.hasChecked();
    expect([script, await own()]).toEqual([script, weights(1, 1)]);
  }
  const whole = await left();
  const marks =
    'for m in $(ipvsadm -Sn | grep -o "A -f [0-9]*" | cut -c6-); do ipvsadm -D -f $m; done';
  await director.run(['sh', '-c', marks]);
  await expect.poll(left).toEqual(whole);
  expect(await agent.log()).not.toMatch(/server down/);
});

test('an agent that is killed leaves its paths to the next one, which removes those that are needed no more', async () => {
  const { director } = scene();
  await configureAgent(director, config('path', 'tcp'));
  const first = await scene().start();
  await expect.poll(own).toEqual(weights(1, 1));
  const there = await left();
  expect(there.length).toBeGreaterThan(4);
  await first.signal('KILL');
  await first.hasEnded();
  const second = await scene().start();
  await second.hasChecked();
  expect(await left()).toEqual(there);
  expect(await second.writes()).toEqual([]);
  await second.signal('KILL');
  await second.hasEnded();
  await configureAgent(director, config('server', 'tcp'));
  const third = await scene().start();
  await expect.poll(left).toEqual([]);
  await third.hasChecked();
  expect(await own()).toEqual(weights(1, 1));
});

test('a reload turns paths on and off, and --once writes none that stay', async () => {
  const { director } = scene();
  await configureAgent(director, config('server', 'tcp'));
  const agent = await scene().start();
  await expect.poll(own).toEqual(weights(1, 1));
  expect(await left()).toEqual([]);
  await configureAgent(director, config('path', 'tcp'));
  await expect.poll(async () => (await left()).length).toBeGreaterThan(4);
  await agent.hasChecked();
  await configureAgent(director, config('server', 'tcp'));
  await expect.poll(left).toEqual([]);
  expect(await own()).toEqual(weights(1, 1));
  await agent.end();
  await configureAgent(director, config('path', 'tcp'));
  const once = await scene().start('--once');
  await once.hasEnded();
  expect(await left()).toEqual([]);
});
