/** `ipvs top` beside an agent: health, and drains through it. */
import { expect, test } from 'vitest';
import { ourCommandLine } from '../../lab/our-commands.js';
import { PATIENCE_MS } from '../../lab/patience.js';
import {
  configureAgent,
  RS1,
  RS2,
  savedRules,
  useAgentScene,
  VIP,
  web,
} from '../../support/agent.js';
import { useLab } from '../../support/director.js';
import { TmuxTerminal } from '../../support/tmux.js';

const scene = useAgentScene(useLab());

const PATIENCE = { timeout: PATIENCE_MS, interval: 500 };
const WEB = `tcp:${VIP}:80`;

const CONFIG = `reconcile: 1s
services:
  - name: web
    service: ${WEB}
    scheduler: rr
    method: dr
    check: {type: http, interval: 500ms, fastInterval: 300ms, downInterval: 500ms, timeout: 5s, rise: 1, fall: 2}
    servers: ['${RS1}:80', {server: '${RS2}:80', weight: 3}]
`;

test('it shows health and why, and drains, ends drains and sets weights after a confirmation', async () => {
  const { director, servers } = scene();
  await web.be(servers[0], 'failing');
  await configureAgent(director, CONFIG);
  await scene().start('--socket', '/run/ipvs/agent.sock');
  const frame = async () => (await director.ipvs(['top', '-b', '-n', '1'])).stdout;
  await expect.poll(frame, PATIENCE).toMatch(/^tcp:192\.168\.1\.200:80 .*degraded 1\/2/m);

  const run = (argv: readonly string[]) => director.run(argv);
  await using terminal = await TmuxTerminal.open(
    { columns: 120, rows: 24 },
    { run, where: '/run' },
  );
  await terminal.type(`${ourCommandLine('ipvs')} top --interval 0.5; echo "status $?"`);
  await terminal.sees(/^> tcp:192\.168\.1\.200:80 .*degraded 1\/2/m);
  await terminal.press('Enter');
  await terminal.sees(/192\.168\.1\.191:80 .*down .*status 500, expected 200-399/);
  await terminal.press('n', 'G');
  await terminal.sees(/^> 192\.168\.1\.192:80/m);

  await terminal.press('d');
  await terminal.sees(/^Drain\? y\/n {2}192\.168\.1\.192:80 in tcp:192\.168\.1\.200:80/m);
  const kept = `-a -t ${VIP}:80 -r ${RS2}:80 -g -w 3`;
  const drained = `-a -t ${VIP}:80 -r ${RS2}:80 -g -w 0`;
  expect(await savedRules(director)).toContain(kept);
  await terminal.press('y');
  await terminal.sees(/192\.168\.1\.192:80 gets no new clients/);
  await terminal.sees(/192\.168\.1\.192:80 .*draining/);
  await expect.poll(() => savedRules(director), PATIENCE).toContain(drained);

  await terminal.press('u', 'y');
  await terminal.sees(/192\.168\.1\.192:80 gets clients again/);
  await expect.poll(() => savedRules(director), PATIENCE).toContain(kept);

  // The weight of a service that the agent keeps is that of its file.
  await terminal.press('w', '5', 'Enter');
  await terminal.sees(/Nothing was changed: the agent \(PID \d+\) keeps tcp:192\.168\.1\.200:80/);
  expect(await savedRules(director)).toContain(kept);
  await terminal.press('q');
  await terminal.sees(/^status 0$/m);
});
