import { expect, test } from 'vitest';
import { archive } from './archive.js';

/** What stands where the kernel looks for it: name, mode and content of each entry. */
function read(bytes: Uint8Array): unknown[] {
  const found: unknown[] = [];
  const padded = (length: number) => Math.ceil(length / 4) * 4;
  for (let at = 0; at < bytes.length;) {
    const header = Buffer.from(bytes.subarray(at, at + 110)).toString();
    expect(header).toMatch(/^070701[\da-f]{104}$/);
    const field = (index: number) => parseInt(header.slice(6 + 8 * index, 14 + 8 * index), 16);
    const [mode, size, nameLength] = [field(1), field(6), field(11)];
    const start = at + padded(110 + nameLength);
    const name = Buffer.from(bytes.subarray(at + 110, at + 110 + nameLength)).toString();
    found.push([
      name,
      mode.toString(8),
      Buffer.from(bytes.subarray(start, start + size)).toString(),
    ]);
    at = start + padded(size);
  }
  return found;
}

test('an archive holds files, empty ones too, folders, and those that files are in, and its end', () => {
  const entries = [
    { path: 'root' },
    { path: 'a/b/file', content: Buffer.from('12345') },
    { path: 'a/empty', content: new Uint8Array() },
  ];
  expect(read(archive(entries))).toEqual([
    ['a\0', '40755', ''],
    ['a/b\0', '40755', ''],
    ['root\0', '40755', ''],
    ['a/b/file\0', '100755', '12345'],
    ['a/empty\0', '100755', ''],
    ['TRAILER!!!\0', '40755', ''],
  ]);
});
