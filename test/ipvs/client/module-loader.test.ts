import { expect, test, vi } from 'vitest';
import { loadModule } from '../../../src/ipvs/client/module-loader.js';

const execFile = vi.hoisted(() => vi.fn());
vi.mock('node:child_process', () => ({ execFile }));

type Callback = (error: Error | null, stdout: string, stderr: string) => void;

test.each([
  ['nothing when all went well', null, '', ''],
  ['what the loader said', new Error('exit 1'), 'modprobe: FATAL\n', 'modprobe: FATAL\n'],
  ['why there is no loader', new Error('spawn ENOENT'), '', 'spawn ENOENT\n'],
])('loading a module tells %s', async (_name, error, stderr, said) => {
  execFile.mockImplementation((_file, _argv, _options, callback: Callback) => {
    callback(error, '', stderr);
  });
  expect(await loadModule('ip_vs')).toBe(said);
  expect(execFile).toHaveBeenCalledWith(
    '/sbin/modprobe',
    ['ip_vs'],
    expect.anything(),
    expect.anything(),
  );
});

test('the loader ends with the signal of its caller', async () => {
  execFile.mockImplementation((_file, _argv, _options, callback: Callback) => {
    callback(null, '', '');
  });
  const { signal } = new AbortController();
  await loadModule('ip_vs', signal);
  const options: unknown = expect.objectContaining({ signal });
  expect(execFile).toHaveBeenLastCalledWith(
    '/sbin/modprobe',
    ['ip_vs'],
    options,
    expect.anything(),
  );
});
