/** How much address space the executable needs: see ENVIRONMENT in ipvs(8). */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { executables, run } from './executables.js';

const limited = (kilobytes: number) =>
  run(['sh', '-c', `ulimit -v ${kilobytes}; exec '${join(executables.native, 'ipvsadm')}' -v`]);

test('starts with 700 MB of address space', async () => {
  expect((await limited(700_000)).code).toBe(0);
});

test('fails at once with 70 MB of address space', async () => {
  const { code, stdout } = await limited(70_000);
  expect(code).not.toBe(0);
  expect(stdout).toBe('');
});
