import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { becomeOnlyAgent } from '../../../src/agent/run/only-agent.js';
import { linuxHost } from '../../../src/host/linux.js';

const neverSaid = (text: string) => {
  throw new Error(text);
};

test('one agent runs for a table, and the next one may when it has ended', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ipvs-only-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const release = await becomeOnlyAgent(linuxHost, folder, neverSaid);
  await expect(becomeOnlyAgent(linuxHost, folder, neverSaid)).rejects.toThrow(
    /^An agent \(PID \d+\) is running already for this table\. To see what it knows: ipvs status$/,
  );
  await release();
  const again = await becomeOnlyAgent(linuxHost, folder, neverSaid);
  await again();
  expect(await readdir(folder)).toEqual([]);
});

test('a folder that cannot be written keeps no agent from its work, and is told', async () => {
  const said: string[] = [];
  const release = await becomeOnlyAgent(linuxHost, '/nowhere', (text) => said.push(text));
  await release();
  expect(said).toEqual([
    expect.stringMatching(/^Whether another agent runs is not known: Cannot write /),
  ]);
});
