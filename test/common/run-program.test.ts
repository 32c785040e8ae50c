import { readFile } from 'node:fs/promises';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { runProgram } from '../../src/common/run-program.js';

/** Programs that every machine has stand for those that would be started. */
const paths = vi.hoisted(() => ({
  ip: ['/nonexistent/sh', '/bin/sh'],
  modprobe: ['/bin/echo'],
  nft: ['/nonexistent/nft'],
}));
vi.mock('../../src/common/programs.js', () => ({ programs: paths }));
vi.mock('node:fs/promises', async (original) => ({
  ...(await original<typeof import('node:fs/promises')>()),
  readFile: vi.fn(),
}));
const loader = vi.mocked(readFile);

describe('a program that is run', () => {
  test('is the first of its paths that exists, and gets its input and no shell', async () => {
    const words = ['-c', 'cat; echo "$1" >&2; exit 3', 'sh', '$(id)'];
    expect(await runProgram('ip', words, { input: 'a line\n' })).toEqual({
      status: 3,
      stdout: 'a line\n',
      stderr: '$(id)\n',
    });
  });

  test('that is not installed gives undefined', async () => {
    expect(await runProgram('nft', [])).toBeUndefined();
  });

  test('that fails without a word adds none', async () => {
    expect(await runProgram('ip', ['-c', 'exit 1'])).toEqual({
      status: 1,
      stdout: '',
      stderr: '',
    });
  });

  test('that does not end in time is ended, and that is said', async () => {
    expect(await runProgram('ip', ['-c', 'exec sleep 60'], { timeoutMs: 100 })).toEqual({
      status: 128 + 15,
      stdout: '',
      stderr: '/bin/sh did not end within 0.1 s\n',
    });
  });

  test('is ended by the signal of its caller', async () => {
    const signal = AbortSignal.abort();
    const result = await runProgram('ip', ['-c', 'exec sleep 60'], { signal });
    expect(result?.stdout).toBe('');
    expect(result?.status).not.toBe(0);
  });
});

describe('the module loader', () => {
  afterEach(() => {
    paths.modprobe = ['/bin/echo'];
  });

  test('is the one in its usual place, whatever the kernel names, as with ipvsadm 1.31', async () => {
    loader.mockResolvedValue('/bin/false\n');
    expect(await runProgram('modprobe', ['ip_vs'])).toEqual({
      status: 0,
      stdout: 'ip_vs\n',
      stderr: '',
    });
  });

  test('is the one that the kernel itself calls where there is none in the usual places', async () => {
    paths.modprobe = ['/nonexistent/modprobe'];
    loader.mockResolvedValue('/bin/sh\n');
    const result = await runProgram('modprobe', ['-c', 'echo loader of the kernel']);
    expect(result?.stdout).toBe('loader of the kernel\n');
  });

  test.each([
    ['the kernel names none', () => Promise.resolve('\n')],
    [
      'the one that the kernel names does not exist',
      () => Promise.resolve('/nonexistent/loader\n'),
    ],
    ['there is no /proc', () => Promise.reject(new Error('ENOENT'))],
  ])('is missing without one in the usual places if %s', async (_name, read) => {
    paths.modprobe = ['/nonexistent/modprobe'];
    loader.mockImplementation(read);
    expect(await runProgram('modprobe', ['ip_vs'])).toBeUndefined();
  });
});
