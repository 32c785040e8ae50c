import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { findUser } from '../../src/host/users.js';

const USERS = `root:x:0:0:root:/root:/bin/bash
checks:x:998:997::/nonexistent:/usr/sbin/nologin
1000:x:12:13::/:/bin/sh
someone:x:1000:1001::/:/bin/sh
broken:x:x:5::/:/bin/sh
short:x
`;

function find(name: string) {
  const folder = mkdtempSync(join(tmpdir(), 'users-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
  });
  const file = join(folder, 'passwd');
  writeFileSync(file, USERS);
  return findUser(name, file);
}

test('a user is found by name, with the own group', () => {
  expect(find('checks')).toEqual({ userId: 998, groupId: 997 });
  expect(find('root')).toEqual({ userId: 0, groupId: 0 });
});

test('a user is found by number, unless it is the name of another', () => {
  expect(find('998')).toEqual({ userId: 998, groupId: 997 });
  expect(find('1000')).toEqual({ userId: 12, groupId: 13 });
});

test('there is no user of another name, and none whose line is broken', () => {
  for (const name of ['nobody', '', 'x', 'broken', 'short', '998:', '*']) {
    expect(find(name)).toBeUndefined();
  }
});
