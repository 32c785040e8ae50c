import { closeSync, constants, fstatSync, openSync, readSync, statSync } from 'node:fs';

/** Far more than the certificates that a system trusts. */
const MOST_BYTES = 4 * 2 ** 20;

/**
 * The text of a small file that somebody has named: certificates, a key.
 * @throws as node:fs does when it cannot be read, or an Error that says why it is none.
 */
export function readSmallFile(path: string): string {
  // Without waiting for whoever would open a pipe's other end.
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = fstatSync(file);
    if (!stats.isFile()) throw new Error('it is not a regular file');
    if (stats.size > MOST_BYTES) throw new Error('it is larger than 4 MiB');
    const bytes = Buffer.alloc(stats.size);
    let length = 0;
    for (let read = -1; read !== 0 && length < bytes.length; length += read) {
      read = readSync(file, bytes, length, bytes.length - length, null);
    }
    return bytes.toString('utf8', 0, length);
  } finally {
    closeSync(file);
  }
}

/** Changes when the file does, as far as can be seen without reading it; undefined when it is not there. */
export function fileStamp(path: string): string | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats && `${stats.dev}:${stats.ino}:${stats.size}:${stats.mtimeMs}`;
}
