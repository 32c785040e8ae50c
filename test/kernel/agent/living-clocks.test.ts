/** Clocks that jump, and an agent that does not run for a while: neither says anything about a server. */
import { expect, onTestFinished, test } from 'vitest';
import type { StatusJson } from '../../../src/agent/control/shapes.js';
import { configureAgent, RS1, RS2, savedRules, useAgentScene, web } from '../../support/agent.js';
import { useLab } from '../../support/director.js';
import {
  beginTraffic,
  control,
  isSaved,
  linesOf,
  livingConfig,
  OWN,
  PATIENCE,
  rule,
  SERVICE,
  sh,
  startLiving,
  standStill,
  WHOLE,
} from '../../support/living-agent.js';

const scene = useAgentScene(useLab());

const DAY_S = 86_400;

const states = ({ services }: StatusJson) =>
  services.flatMap(({ servers }) =>
    servers.map(({ server, state, since }) => [server, state, since]),
  );

test('a wall clock that jumps a day ahead and a day back changes no verdict, ends no drain and writes nothing', async () => {
  const { director, client } = scene();
  const config = livingConfig().replace('drain: 2s', 'drain: 60m');
  let agent = await startLiving(scene(), config);
  await agent.says(/server up web 127\.0\.0\.1:80/);
  const traffic = await beginTraffic(client);
  // Both have connections that end minutes later.
  await expect
    .poll(() => sh(director, 'ipvsadm -Lcn | grep -c 192.168.1.19'), PATIENCE)
    .toMatch(/../);
  await control.drain(director, { servers: [`${RS1}:80`], timeoutSeconds: 3600 });
  await configureAgent(director, config.replace(/^.*192\.168\.1\.192.*\n/m, ''));
  await agent.signal('HUP');
  await scene().becomes(SERVICE, rule(RS1, 0), rule(RS2, 0), rule(OWN, 1));
  await agent.hasChecked();
  const [before, written] = [states(await control.status(director)), await agent.writes()];
  let aheadS = 0;
  const jump = async (seconds: number) => {
    aheadS += seconds;
    await sh(director, `date -s @$(($(date +%s) + ${seconds})) >/dev/null`);
  };
  onTestFinished(() => jump(-aheadS));
  for (const seconds of [DAY_S, -2 * DAY_S, DAY_S]) {
    await jump(seconds);
    await agent.hasChecked();
    expect([seconds, states(await control.status(director))]).toEqual([seconds, before]);
  }
  expect(await agent.writes()).toEqual(written);
  const WRONG = /server down|service down|fail-open|drain (?:over|removed)|did not run for \d{4}/;
  expect(linesOf(await agent.log(), WRONG)).toEqual([]);
  // An agent that starts after a jump takes up again what is known.
  await isSaved(director, await control.status(director));
  for (const seconds of [DAY_S, -DAY_S]) {
    await agent.signal('KILL');
    await agent.hasEnded();
    await jump(seconds);
    agent = await scene().start();
    await agent.hasChecked();
    expect([seconds, states(await control.status(director))]).toEqual([seconds, before]);
    expect(await agent.writes()).toEqual([]);
  }
  await traffic.allAnswered();
});

test('an agent that was stopped for 20 s holds no server for down, writes nothing, and says that it was late', async () => {
  const { director, client, servers } = scene();
  const agent = await startLiving(scene());
  await agent.says(/server up web 127\.0\.0\.1:80/);
  const traffic = await beginTraffic(client);
  const TOLD = /server down|service (?:down|degraded)/;
  const [written, told] = [await agent.writes(), linesOf(await agent.log(), TOLD)];
  await standStill(agent, 20_000);
  await agent.says(/agent: the agent did not run for \d\d\.\d s; results thrown away: \d+/);
  await agent.hasChecked();
  await traffic.allAnswered();
  expect(await agent.writes()).toEqual(written);
  expect(await savedRules(director)).toEqual([...WHOLE].sort());
  expect(linesOf(await agent.log(), TOLD)).toEqual(told);
  // It still sees what really fails.
  await web.shut(servers[0]);
  onTestFinished(() => web.open(servers[0], 'rs1').then(() => undefined));
  await agent.says(/server down web 192\.168\.1\.191:80: .*refused/);
});
