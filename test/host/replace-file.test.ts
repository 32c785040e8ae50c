import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { replaceFile } from '../../src/host/replace-file.js';

const refuse = vi.hoisted(() => ({ code: '', overwrite: '' }));
vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>();
  const rename = (from: string, to: string) =>
    refuse.code === ''
      ? real.rename(from, to)
      : Promise.reject(Object.assign(new Error(refuse.code), { code: refuse.code }));
  // Only what overwrites has flags as a number.
  const open: typeof real.open = (path, flags, mode) =>
    real.open(
      typeof flags === 'number' && refuse.overwrite !== '' ? refuse.overwrite : path,
      flags,
      mode,
    );
  return { ...real, rename, open };
});

let folder = '';
let file = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ipvs-replace-'));
  file = join(folder, 'rules');
});
afterEach(async () => {
  refuse.code = '';
  refuse.overwrite = '';
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

test('a failure while a file is overwritten in place says that the file may be incomplete', async () => {
  // A device that is full stands for a file on a full disk: both fail when the text is written.
  await writeFile(file, 'old\n');
  refuse.code = 'EBUSY';
  refuse.overwrite = '/dev/full';
  await expect(replaceFile(file, 'new\n')).rejects.toThrow(
    `${file} may be incomplete now: No space left on device.`,
  );
});

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
