import { lstat, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { groupId, listenAt, socketPlace } from '../../src/host/unix-socket.js';
import { deadSocket } from '../support/fake-agent.js';

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'ipvs-socket-'));
  onTestFinished(() => rm(path, { recursive: true }));
  return path;
}

const rights = { mode: 0o660, group: 'no-such-group-of-ours', opensFolder: false };

describe('a Unix socket', () => {
  test('is nothing before it is made, in use while somebody listens, and stale when nobody does', async () => {
    const path = join(await folder(), 'x.sock');
    expect(await socketPlace(path)).toBe('free');
    const server = createServer((peer) => peer.destroy());
    const listening = await listenAt(server, path, rights);
    expect([listening.warnings, await socketPlace(path)]).toEqual([[], 'in use']);
    expect(((await lstat(path)).mode & 0o777).toString(8)).toBe('660');
    await new Promise((resolve) => server.close(resolve));
    expect(await socketPlace(path)).toBe('stale');
    await listening.remove();
    expect(await socketPlace(path)).toBe('free');
  });

  test('replaces a stale one, and leaves nothing beside it', async () => {
    const where = await folder();
    const path = join(where, 'x.sock');
    await deadSocket(path);
    const server = createServer((peer) => peer.destroy());
    const listening = await listenAt(server, path, rights);
    expect([await socketPlace(path), await readdir(where)]).toEqual(['in use', ['x.sock']]);
    await new Promise((resolve) => server.close(resolve));
    await listening.remove();
  });
});

test('the number of a group is that of its line', async () => {
  const file = join(await folder(), 'group');
  await writeFile(file, 'root:x:0:\nipvs-users:x:7:\nipvs:x:998:anna,ben\nbroken\nipvs2:x:y:\n');
  expect(await groupId('ipvs', file)).toBe(998);
  expect(await groupId('ipvs2', file)).toBeUndefined();
  expect(await groupId('none', file)).toBeUndefined();
  expect(await groupId('ipvs', `${file}.missing`)).toBeUndefined();
});
