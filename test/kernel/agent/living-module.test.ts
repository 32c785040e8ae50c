/** The kernel's module goes while the agent runs: in a lab of its own, since all namespaces share modules. */
import { expect, onTestFinished, test } from 'vitest';
import { useAgentScene, VIP, web } from '../../support/agent.js';
import { useOwnLab } from '../../support/director.js';
import { linesOf, PATIENCE, sh, WHOLE, startLiving } from '../../support/living-agent.js';

const scene = useAgentScene(useOwnLab());

/** The agent repairs the table at once, and services keep the module: until it goes, both are tried together. */
const UNLOAD = `
  until ipvsadm -C && lsmod | sed -n 's/^\\(ip_vs_[a-z]*\\) .*/\\1/p' | xargs -r rmmod &&
    rmmod ip_vs; do :; done 2>/dev/null`;

const running = async () => {
  const agent = await startLiving(scene());
  await agent.hasChecked();
  return agent;
};

const serves = () => web.ask(scene().client, `http://${VIP}/`);

test('a module that was unloaded is loaded again with the next look, told, and the table is what it was', async () => {
  const agent = await running();
  await sh(scene().director, UNLOAD);
  await agent.says(/drift web: it was deleted; repaired/);
  await scene().becomes(...WHOLE);
  expect(await serves()).toMatch(/^(?:rs[12]|sorry)$/);
  expect(linesOf(await agent.log(), /server down/)).toEqual([]);
});

test('a module that cannot be loaded is told of once and waited for, while checks go on; with it, the table is back', async () => {
  const { director, servers } = scene();
  const agent = await running();
  const loader = (await sh(director, 'cat /proc/sys/kernel/modprobe')).trim();
  const loadBy = (program: string) => sh(director, `echo ${program} >/proc/sys/kernel/modprobe`);
  onTestFinished(() => loadBy(loader).then(() => undefined));
  await loadBy('/bin/false');
  await sh(director, UNLOAD);
  await agent.says(/error agent unreachable: /);
  await web.shut(servers[0]);
  await agent.says(/server down web 192\.168\.1\.191:80: .*refused/);
  await web.open(servers[0], 'rs1');
  await expect
    .poll(async () => linesOf(await agent.log(), /server up web 192\.168\.1\.191:80/), PATIENCE)
    .toHaveLength(2);
  expect(linesOf(await agent.log(), /unreachable/)).toHaveLength(1);
  await loadBy(loader);
  await agent.says(/agent reachable: the table can be read and written again/);
  await scene().becomes(...WHOLE);
  expect(await serves()).toMatch(/^(?:rs[12]|sorry)$/);
});
