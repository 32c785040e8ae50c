import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { prepareProbe } from '../../src/agent/checks/check-types.js';
import { readAgentConfig } from '../../src/agent/config/read-config.js';
import { parseListenAddress } from '../../src/agent/listener/listen-address.js';
import { listen } from '../../src/agent/listener/listener.js';
import { Agent } from '../../src/agent/run/agent.js';
import { systemClock } from '../../src/agent/run/clock.js';
import { IpvsClient } from '../../src/ipvs/client/client.js';
import { parseState } from '../../src/state/file/parse.js';
import { tableKernel } from '../../src/testing/table-kernel.js';
import { freeGuard } from './free-guard.js';
import { freePort } from './free-port.js';

/** An agent as `ipvs agent --listen` runs it: real checks, the real clock; its kernel is a function. It ends with the test. */
export async function hostAgent(
  text: string,
): Promise<{ readonly agent: Agent; readonly url: string }> {
  const run = await mkdtemp(join(tmpdir(), 'ipvs-agent-'));
  const kernel = tableKernel();
  const now = () => performance.now();
  const agent = await Agent.load({
    clock: systemClock({ monotonicMs: now, bootMs: now }),
    ...{ version: '1.0.0', kernel: '6.1.0', pid: 7, isListening: true },
    ...{ isDry: false, isOnce: false },
    source: { file: 'agent.yaml', read: () => Promise.resolve(readAgentConfig(parseState(text))) },
    prepare: prepareProbe,
    open: () => IpvsClient.open({ socket: kernel, loadModule: false }),
    guard: freeGuard,
    pathSystem: { set: () => Promise.resolve(), isIntact: () => Promise.resolve(true) },
    quorumSystem: { writeFile: () => Promise.resolve(), setAddress: () => Promise.resolve() },
    places: { run, maintenance: join(run, 'maintenance.json') },
    onEvent: () => undefined,
  });
  const port = await freePort();
  const at = parseListenAddress(`127.0.0.1:${port}`);
  if (at === undefined) throw new Error('no address');
  const listener = await listen(agent, { at });
  await agent.begin();
  onTestFinished(async () => {
    await listener.close();
    await agent.stop('leave');
    await rm(run, { recursive: true, force: true });
  });
  return { agent, url: `http://127.0.0.1:${port}/` };
}
