import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { replaceFile } from '../../src/host/replace-file.js';

const refuse = vi.hoisted(() => ({ code: '' }));
vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>();
  const rename = (from: string, to: string) =>
    refuse.code === ''
      ? real.rename(from, to)
      : Promise.reject(Object.assign(new Error(refuse.code), { code: refuse.code }));
  return { ...real, rename };
});

let folder = '';
let file = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ipvs-replace-'));
  file = join(folder, 'rules');
});
afterEach(async () => {
  refuse.code = '';
  await rm(folder, { recursive: true });
});

test('a new file has the wanted mode and is written atomically', async () => {
  expect(await replaceFile(file, 'new\n', 0o600)).toBe('atomically');
  expect((await stat(file)).mode & 0o777).toBe(0o600);
});

test.each(['EBUSY', 'EXDEV'])(
  'a file that cannot be renamed over (%s), such as a mount point, is overwritten in place, whole',
  async (code) => {
    await writeFile(file, 'an old text that is longer\n');
    refuse.code = code;
    expect(await replaceFile(file, 'new\n')).toBe('in place');
    expect(await readFile(file, 'utf8')).toBe('new\n');
    expect(await readdir(folder)).toEqual(['rules']);
  },
);

test('a file stays what it was when renaming fails for another reason', async () => {
  await writeFile(file, 'old\n');
  refuse.code = 'EIO';
  await expect(replaceFile(file, 'new\n')).rejects.toThrow('EIO');
  expect(await readFile(file, 'utf8')).toBe('old\n');
  expect(await readdir(folder)).toEqual(['rules']);
});

test('a folder is refused', async () => {
  await expect(replaceFile(folder, 'new\n')).rejects.toThrow(`${folder} is not a regular file.`);
});
