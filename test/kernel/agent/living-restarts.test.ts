/** The agent ends and starts again, by itself and by violence: nobody is to notice. */
import { expect, test } from 'vitest';
import { RS1, RS2, useAgentScene } from '../../support/agent.js';
import type { StatusJson } from '../../../src/agent/control/shapes.js';
import {
  beginTraffic,
  control,
  isSaved,
  OWN,
  PATIENCE,
  rule,
  runFolder,
  SERVICE,
  sh,
  startLiving,
} from '../../support/living-agent.js';
import { savedRules } from '../../support/agent.js';
import { useLab } from '../../support/director.js';

const scene = useAgentScene(useLab());

/** What is to be the same over restarts: states, and since when. */
const lasting = ({ services }: StatusJson) =>
  services.map(({ service, state, since, servers }) => ({
    ...{ service, state, since },
    servers: servers.map((one) => [one.server, one.state, one.since, one.weight]),
  }));

const SET_ASIDE = [SERVICE, rule(RS1, 0), rule(RS2, 0), rule(OWN, 1)].sort();

test.each([
  ['a SIGTERM', 'TERM'],
  ['a kill -9', 'KILL'],
])(
  'after %s and a start, five times: no request fails, nothing is written, drain, maintenance and since are kept',
  async (_, signal) => {
    const { director, client } = scene();
    const first = await startLiving(scene());
    await first.says(/server up web 127\.0\.0\.1:80/);
    await control.drain(director, { servers: [`${RS1}:80`], timeoutSeconds: 3600 });
    await first.says(/drain drained web 192\.168\.1\.191:80/);
    await control.startMaintenance(director, { servers: [`${RS2}:80`], reason: 'new disks' });
    await scene().becomes(...SET_ASIDE);
    const traffic = await beginTraffic(client);
    const before = lasting(await control.status(director));
    const states = before.flatMap(({ servers }) => servers.map(([, state]) => state));
    expect(states).toEqual(['draining', 'maintenance', 'up']);
    await isSaved(director, await control.status(director));
    const folder = await runFolder(director);
    const kept = () => sh(director, `cat ${folder}/agent-drains.json ${folder}/agent-health.json`);
    await expect.poll(kept, PATIENCE).toMatch(/"outcome":"drained"[^]*"shown":"maintenance"/);
    let agent = first;
    for (let turn = 0; turn < 5; turn += 1) {
      await agent.signal(signal);
      await agent.hasEnded();
      agent = await scene().start();
      await agent.hasChecked();
      expect(lasting(await control.status(director))).toEqual(before);
      expect(await agent.writes()).toEqual([]);
    }
    await traffic.allAnswered();
    expect(await savedRules(director)).toEqual(SET_ASIDE);
  },
);
