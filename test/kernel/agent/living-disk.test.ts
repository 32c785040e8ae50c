/** The folders in which the agent keeps what it knows: full, or emptied by somebody. */
import { expect, onTestFinished, test } from 'vitest';
import { RS1, RS2, useAgentScene, web } from '../../support/agent.js';
import type { RunningAgent } from '../../support/agent.js';
import { useLab } from '../../support/director.js';
import {
  beginTraffic,
  control,
  linesOf,
  OWN,
  PATIENCE,
  rule,
  runFolder,
  SERVICE,
  sh,
  startLiving,
} from '../../support/living-agent.js';
import { folderOf } from '../../support/programs.js';

const lab = useLab();
const scene = useAgentScene(lab);

const director = () => scene().director;

const running = async (): Promise<RunningAgent> => {
  const agent = await startLiving(scene());
  await agent.says(/server up web 127\.0\.0\.1:80/);
  return agent;
};

/** A file system of a few pages over the folder, which ends with the test. */
async function mountSmall(folder: string): Promise<void> {
  // In the guest itself, and before the agent starts: what runs in a network namespace has mounts of its own.
  const mount = `mkdir -p ${folder} && mount -t tmpfs -o size=64k none ${folder}`;
  expect(await lab().run(['sh', '-c', mount])).toMatchObject({ code: 0, stderr: '' });
  onTestFinished(async () => {
    await lab().run(['sh', '-c', `umount -l ${folder}; rm -rf ${folder}`]);
  });
}

const fill = (folder: string) =>
  sh(director(), `! dd if=/dev/zero of=${folder}/filler bs=4k 2>/dev/null`);
const makeRoom = (folder: string) => sh(director(), `rm ${folder}/filler`);

const LACKING = /error agent: cannot write .*: No space left on device/;

/** A server goes and comes back: checks go on, and so does the table. */
async function flap(agent: RunningAgent, ...others: string[]): Promise<void> {
  const [rs1] = scene().servers;
  await web.shut(rs1);
  await scene().becomes(SERVICE, rule(RS1, 0), ...others);
  await web.open(rs1, 'rs1');
  await scene().becomes(SERVICE, rule(RS1, 2), ...others);
  await agent.hasChecked();
}

test('a full disk below maintenance is told of once, keeps nothing from going on, and is written to when there is room', async () => {
  const folder = `${folderOf(director())}/state`;
  await mountSmall(folder);
  const agent = await running();
  await fill(folder);
  await control.startMaintenance(director(), { servers: [`${RS2}:80`], reason: 'new disks' });
  await agent.says(LACKING);
  await flap(agent, rule(RS2, 0), rule(OWN, 1));
  expect(linesOf(await agent.log(), LACKING)).toHaveLength(1);
  const traffic = await beginTraffic(scene().client);
  await makeRoom(folder);
  const kept = () => sh(director(), `cat ${folder}/maintenance*.json 2>/dev/null || true`);
  await expect.poll(kept, PATIENCE).toContain('new disks');
  await agent.signal('KILL');
  await agent.hasEnded();
  const next = await scene().start();
  await next.hasChecked();
  const [service] = (await control.status(director())).services;
  expect(service?.servers[1]).toMatchObject({ state: 'maintenance', reason: 'new disks' });
  expect(await next.writes()).toEqual([]);
  await traffic.allAnswered();
});

test('a full /run keeps the agent neither from checking nor from writing the table, and what it knows is kept when there is room', async () => {
  const folder = await runFolder(director());
  await mountSmall(folder);
  const agent = await running();
  await fill(folder);
  await flap(agent, rule(RS2, 1), rule(OWN, 1));
  for (const file of ['agent-health.json', 'agent-drains.json']) {
    const lacking = new RegExp(`error agent: cannot write .*${file}: No space left on device`);
    await agent.says(lacking);
    expect(linesOf(await agent.log(), lacking)).toHaveLength(1);
  }
  // An agent that starts there has nothing to go by but the table.
  await agent.signal('KILL');
  await agent.hasEnded();
  const traffic = await beginTraffic(scene().client);
  const next = await scene().start();
  await next.hasChecked();
  expect(await next.writes()).toEqual([]);
  await traffic.allAnswered();
  await flap(next, rule(RS2, 1), rule(OWN, 1));
  await makeRoom(folder);
  const kept = () => sh(director(), `cat ${folder}/*.json 2>/dev/null || true`);
  await expect.poll(kept, PATIENCE).toMatch(/"owner": "agent"/);
  await expect.poll(kept, PATIENCE).toMatch(/"lastSeq"/);
  await expect.poll(kept, PATIENCE).toMatch(/"shown":"up"/);
});

test('what is in /run/ipvs is written again when somebody has emptied that, and a kill -9 after it changes nothing', async () => {
  const agent = await running();
  const folder = await runFolder(director());
  const traffic = await beginTraffic(scene().client);
  const { services } = await control.status(director());
  const written = await agent.writes();
  await sh(director(), 'rm -rf /run/ipvs/*');
  for (const file of ['table.json', 'agent-health.json', 'agent-drains.json']) {
    const size = () => sh(director(), `cat ${folder}/${file} 2>/dev/null | wc -c`);
    await expect.poll(async () => Number(await size()), PATIENCE).toBeGreaterThan(2);
  }
  expect(await agent.writes()).toEqual(written);
  await agent.signal('KILL');
  await agent.hasEnded();
  const next = await scene().start();
  await next.hasChecked();
  expect(await next.writes()).toEqual([]);
  await traffic.allAnswered();
  const since = (all: typeof services) =>
    all.map((one) => [one.since, ...one.servers.map((server) => server.since)]);
  expect(since((await control.status(director())).services)).toEqual(since(services));
  await flap(next, rule(RS2, 1), rule(OWN, 1));
});
