import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { open, realpath, rename, rm, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { codeOf } from '../common/error-code.js';
import { NotARegularFile } from '../common/regular-file.js';
import { errorText } from '../common/system-errors.js';

/** How a file was written: replaced atomically, overwritten where it is, or written to a pipe. */
export type Replaced = 'atomically' | 'in place' | 'to a pipe';

/** Overwriting a file in place failed: it may have only part of the new text. */
export class IncompleteFile extends Error {
  override readonly name = 'IncompleteFile';

  constructor(path: string, cause: unknown) {
    super(`${path} may be incomplete now: ${errorText(cause)}.`, { cause });
  }
}

/** Why a file cannot be renamed over: it is a mount point of its own, as in containers, or its folder is read-only. */
const NOT_RENAMED: readonly string[] = ['EBUSY', 'EXDEV', 'EROFS'];

/**
 * Replaces the text of a file atomically: written beside it, synced, renamed. Whatever fails, the file is the old one or
 * the new one, whole. A link stays a link; owner and mode are kept. A pipe is written to, and a file that cannot be renamed
 * over is overwritten.
 * @param mode of a file that is new.
 * @throws NotARegularFile when the path leads to a device, a socket or a folder.
 * @throws IncompleteFile when overwriting it, or writing to a pipe, fails after the beginning.
 */
export async function replaceFile(path: string, text: string, mode = 0o644): Promise<Replaced> {
  const old = await stat(path).catch(() => undefined);
  if (old?.isFIFO() === true) {
    await overwrite(path, text);
    return 'to a pipe';
  }
  if (old !== undefined && !old.isFile()) throw new NotARegularFile(path);
  try {
    await replaceBeside(await realpath(path).catch(() => path), text, old, mode);
    return 'atomically';
  } catch (error) {
    if (old === undefined || !NOT_RENAMED.includes(codeOf(error))) throw error;
    await overwrite(path, text);
    return 'in place';
  }
}

async function replaceBeside(
  target: string,
  text: string,
  old: { readonly uid: number; readonly gid: number; readonly mode: number } | undefined,
  mode: number,
): Promise<void> {
  // Another save may run at the same time: each has a file of its own.
  const beside = `.${basename(target)}.${randomBytes(6).toString('hex')}`;
  const folder = dirname(target);
  await withFile(await open(folder), async (handle) => {
    try {
      await withFile(await open(join(folder, beside), 'wx', 0o600), async (file) => {
        await give(file, old);
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
    // a file system that cannot sync a folder is no failure.
    await handle.sync().catch(() => undefined);
  });
}

/** Keeps the owner. Where it is that already, nothing is asked for: a sandbox may allow no change of owners at all. */
async function give(
  file: FileHandle,
  old: { readonly uid: number; readonly gid: number } | undefined,
): Promise<void> {
  if (old === undefined) return;
  const { uid, gid } = await file.stat();
  if (uid !== old.uid || gid !== old.gid) await file.chown(old.uid, old.gid);
}

/** Without waiting for a reader of a pipe: where there is none, that is an error. */
async function overwrite(path: string, text: string): Promise<void> {
  const flags = constants.O_WRONLY | constants.O_NONBLOCK;
  await withFile(await open(path, flags), async (file) => {
    const isRegular = (await file.stat()).isFile();
    try {
      await file.writeFile(text);
      if (!isRegular) return;
      await file.truncate(Buffer.byteLength(text));
      await file.sync();
    } catch (error) {
      throw new IncompleteFile(path, error);
    }
  });
}

async function withFile(file: FileHandle, use: (file: FileHandle) => Promise<void>): Promise<void> {
  try {
    await use(file);
  } finally {
    await file.close();
  }
}
