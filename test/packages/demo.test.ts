/** The files of the package at work: the steps of the demo, on a real kernel. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { project } from '../support/sources.js';
import { debianOf } from './variants.js';

const run = promisify(execFile);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ipvs-package-'));
  await run('dpkg-deb', ['--extract', debianOf('amd64'), folder]);
});
afterAll(() => rm(folder, { recursive: true }));

test('the installed commands balance, drain, clear and restore, and the doctor finds a fault', async () => {
  const env = { ...process.env, IPVS_EXECUTABLE: join(folder, 'usr/sbin') };
  const words = ['scripts/run.js', 'test/lab/demo.ts'];
  const { stdout, stderr } = await run(process.execPath, words, { cwd: project, env });
  expect(stdout).toMatch(/\nAll went as expected, in \d+ s\. /);
  expect(stderr).toBe('');
});
