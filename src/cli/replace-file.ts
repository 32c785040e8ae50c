import { randomBytes } from 'node:crypto';
import type { Stats } from 'node:fs';
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
  const folder = dirname(target);
  // Another save may be at work at the same time: each has a file of its own.
  const beside = join(folder, `.${basename(target)}.${randomBytes(6).toString('hex')}`);
  try {
    await writeWhole(beside, text, { mode, ...pick(old) });
    await rename(beside, target);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
  // Until the folder is on the disk too, a power cut would bring the old file back.
  await withFile(await open(folder), (handle) => handle.sync());
}

async function withFile(file: FileHandle, use: (file: FileHandle) => Promise<void>): Promise<void> {
  try {
    await use(file);
  } finally {
    await file.close();
  }
}

interface Owner {
  readonly mode: number;
  readonly uid?: number;
  readonly gid?: number;
}

function pick(old: Stats | undefined): Partial<Owner> {
  return old === undefined ? {} : { mode: old.mode & 0o7777, uid: old.uid, gid: old.gid };
}

async function writeWhole(path: string, text: string, { mode, uid, gid }: Owner): Promise<void> {
  await withFile(await open(path, 'wx', 0o600), async (file) => {
    if (uid !== undefined && gid !== undefined) await file.chown(uid, gid);
    await file.chmod(mode);
    await file.writeFile(text);
    await file.sync();
  });
}
