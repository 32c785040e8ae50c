import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

/** A path that names a device, a pipe, a socket or a folder where a file is meant. */
export class NotARegularFile extends Error {
  override readonly name = 'NotARegularFile';

  constructor(path: string) {
    super(`${path} is not a regular file.`);
  }
}

/**
 * The bytes of a file that somebody has named. A pipe or a device is none: nobody may be kept waiting at boot.
 * @throws NotARegularFile, or as node:fs does when it cannot be read.
 */
export async function* readRegularFile(path: string): AsyncGenerator<Uint8Array, void, undefined> {
  // Without waiting for whoever would open a pipe's other end.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    if (!(await file.stat()).isFile()) throw new NotARegularFile(path);
    for await (const piece of file.createReadStream({ autoClose: false })) {
      yield piece as Uint8Array;
    }
  } finally {
    await file.close();
  }
}
