import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HostError } from '../../src/host/host-error.js';
import { linuxHost } from '../../src/host/linux.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ipvs-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('a file or a folder of the machine', () => {
  test('that does not exist is undefined, or has no entries', async () => {
    expect(await linuxHost.read(join(folder, 'none'))).toBeUndefined();
    expect(await linuxHost.list(join(folder, 'none'))).toEqual([]);
  });

  test('that cannot be read is an error with its path, in the words of the system', async () => {
    await expect(linuxHost.read(folder)).rejects.toThrow(
      new HostError(`cannot read ${folder}: Is a directory`),
    );
  });

  test('that is no sysctl is never written', async () => {
    await expect(linuxHost.write('/proc/sys/../uptime', '1')).rejects.toThrow(RangeError);
    await expect(linuxHost.write('/etc/passwd', 'x')).rejects.toThrow(RangeError);
  });
});
