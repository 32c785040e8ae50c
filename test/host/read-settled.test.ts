import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readSettled } from '../../src/host/read-settled.js';

let folder = '';
let file = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ipvs-settled-'));
  file = join(folder, 'a.yaml');
});
afterEach(() => rm(folder, { recursive: true }));

const text = () => readFile(file, 'utf8');

test('a file that nobody writes is read once', async () => {
  await writeFile(file, 'whole');
  let reads = 0;
  const read = () => {
    reads += 1;
    return text();
  };
  expect([await readSettled(file, read), reads]).toEqual(['whole', 1]);
});

test('a file that is written while it is read is read again, also where half of it is no good one', async () => {
  await writeFile(file, 'half');
  let reads = 0;
  const read = async () => {
    const found = await text();
    reads += 1;
    if (reads > 1) return found;
    await appendFile(file, ' and half');
    throw new Error('half a file');
  };
  expect(await readSettled(file, read)).toBe('half and half');
});

test('an empty file is waited for; one that stays empty, or is not there, is read as it is', async () => {
  await writeFile(file, '');
  const waiting = readSettled(file, text);
  await writeFile(file, 'whole');
  expect(await waiting).toBe('whole');
  await writeFile(file, '');
  expect(await readSettled(file, text)).toBe('');
  await rm(file);
  await expect(readSettled(file, text)).rejects.toThrow('ENOENT');
});
