/** Reloads, one after the other, under a client that asks without pause. */
import { expect, test } from 'vitest';
import { configureAgent, RS1, RS2, useAgentScene } from '../../support/agent.js';
import { useLab } from '../../support/director.js';
import {
  agentSocket,
  beginTraffic,
  linesOf,
  livingConfig,
  OWN,
  PATIENCE,
  rule,
  SERVICE,
  WHOLE,
  startLiving,
} from '../../support/living-agent.js';

const scene = useAgentScene(useLab());

const reload = async () => {
  const { director } = scene();
  const words = ['agent', 'reload', '--quiet', '--socket', agentSocket(director)];
  expect(await director.ipvs(words)).toEqual({ code: 0, stdout: '', stderr: '' });
};

const RELOADS = 100;

test(
  `${RELOADS} reloads by signal and by command, of a file of which a comment changes: no request fails, nothing is written`,
  { tags: 'long' },
  async ({ task }) => {
    const { director, client } = scene();
    const agent = await startLiving(scene());
    await agent.hasChecked();
    const written = await agent.writes();
    const traffic = await beginTraffic(client);
    for (let turn = 0; turn < RELOADS; turn += 2) {
      await configureAgent(director, `# text ${turn % 4}\n${livingConfig()}`);
      await agent.signal('HUP');
      await reload();
    }
    const loads = async () => linesOf(await agent.log(), /config loaded/).length;
    await expect.poll(loads, PATIENCE).toBeGreaterThanOrEqual(RELOADS);
    await agent.hasChecked();
    const requests = await traffic.allAnswered();
    expect(await agent.writes()).toEqual(written);
    expect(linesOf(await agent.log(), /server down|drift/)).toEqual([]);
    task.meta.closingLine = `agent: ${RELOADS} reloads, ${requests} requests, none failed, no write`;
  },
);

const CHANGES = 30;

test(`${CHANGES} reloads that change a weight to and fro write that alone, and no request fails`, async ({
  task,
}) => {
  const { director, client } = scene();
  const agent = await startLiving(scene());
  await agent.hasChecked();
  const written = await agent.writes();
  const traffic = await beginTraffic(client);
  for (let turn = 0; turn < CHANGES; turn += 1) {
    const weight = turn % 2 === 0 ? 5 : 2;
    await configureAgent(director, livingConfig().replace('weight: 2', `weight: ${weight}`));
    await reload();
    await scene().becomes(SERVICE, rule(RS1, weight), rule(RS2, 1), rule(OWN, 1));
  }
  await agent.hasChecked();
  const requests = await traffic.allAnswered();
  const changes = Array.from({ length: CHANGES }, () => 'SET_DEST');
  expect((await agent.writes()).slice(written.length)).toEqual(changes);
  task.meta.closingLine = `agent: ${CHANGES} changes of a weight, ${requests} requests, none failed`;
});

test('an empty file, as a full disk leaves it, ends no service: it is refused', async () => {
  const { director } = scene();
  const agent = await startLiving(scene());
  await configureAgent(director, '');
  await agent.signal('HUP');
  await agent.says(/config refused: .*agent\.yaml: it is empty/);
  await agent.hasChecked();
  await scene().becomes(...WHOLE);
});
