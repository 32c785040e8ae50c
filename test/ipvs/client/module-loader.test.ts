import { expect, test, vi } from 'vitest';
import { runProgram } from '../../../src/common/run-program.js';
import { loadModule } from '../../../src/ipvs/client/module-loader.js';

vi.mock('../../../src/common/run-program.js', () => ({ runProgram: vi.fn() }));
const run = vi.mocked(runProgram);

test.each([
  ['nothing when all went well', { status: 0, stdout: '', stderr: '' }, ''],
  ['what the loader printed', { status: 1, stdout: '', stderr: 'modprobe: F\n' }, 'modprobe: F\n'],
  ['nothing when there is no loader', undefined, ''],
])('loading a module gives %s', async (_name, result, text) => {
  run.mockResolvedValue(result);
  expect(await loadModule('ip_vs')).toBe(text);
  expect(run).toHaveBeenLastCalledWith('modprobe', ['ip_vs'], expect.anything());
});

test('the loader ends with the signal of its caller', async () => {
  run.mockResolvedValue(undefined);
  const { signal } = new AbortController();
  await loadModule('ip_vs', signal);
  expect(run.mock.lastCall?.[2]).toMatchObject({ signal });
});
