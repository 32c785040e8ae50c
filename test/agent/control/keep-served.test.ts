import { rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { AgentClient } from '../../../src/agent/control/client.js';
import { keepServed } from '../../../src/agent/control/keep-served.js';
import { FakeAgent, PATIENT, socketPath } from '../../support/fake-agent.js';

test('a socket that somebody removes, with its folder, is made again', async () => {
  const socket = socketPath();
  const server = await keepServed(new FakeAgent(), { socket }, 10);
  onTestFinished(() => server.close());
  await rm(dirname(socket), { recursive: true });
  const pid = async () =>
    (await new AgentClient({ socket }).status().catch(() => undefined))?.agent.pid;
  await expect.poll(pid, PATIENT).toBeGreaterThan(0);
  await server.close();
  await expect(stat(socket)).rejects.toThrow('ENOENT');
});
