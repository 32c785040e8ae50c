import { randomBytes } from 'node:crypto';
import { open, realpath, rename, rm, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/**
 * Puts text in the place of a file, all at once: written beside it, synced, renamed. Whatever fails or falls, the file is
 * the old one or the new one, whole. A link stays a link; owner and mode stay what they were.
 * @param mode of a file that is new.
 */
export async function replaceFile(path: string, text: string, mode = 0o644): Promise<void> {
  const target = await realpath(path).catch(() => path);
  const old = await stat(target).catch(() => undefined);
  // Another save may be at work at the same time: each has a file of its own.
  const beside = `.${basename(target)}.${randomBytes(6).toString('hex')}`;
  const folder = dirname(target);
  await withFile(await open(folder), async (handle) => {
    try {
      await withFile(await open(join(folder, beside), 'wx', 0o600), async (file) => {
        if (old !== undefined) await file.chown(old.uid, old.gid);
        await file.chmod(old === undefined ? mode : old.mode & 0o7777);
        await file.writeFile(text);
        await file.sync();
      });
      await rename(join(folder, beside), target);
    } catch (error) {
      await rm(join(folder, beside), { force: true });
      throw error;
    }
    // Until the folder is on the disk too, a power cut would bring the old file back. The new one is in place already:
    // that a file system cannot do this is no failure.
    await handle.sync().catch(() => undefined);
  });
}

async function withFile(file: FileHandle, use: (file: FileHandle) => Promise<void>): Promise<void> {
  try {
    await use(file);
  } finally {
    await file.close();
  }
}
