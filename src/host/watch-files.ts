import { watch } from 'node:fs';
import type { FSWatcher } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** A file is seldom written with one call: it must have stayed the same for so long. */
const QUIET_MS = 500;

/**
 * Calls back when a file, or one in a folder, has become another and stays so. A file may be replaced, as editors do. One that
 * is empty is being written: nobody is called for it. Where the system cannot watch, nobody ever is.
 * @returns what ends it.
 */
export async function watchFiles(path: string, onChange: () => void): Promise<() => void> {
  let reported = await lookOf(path);
  let before = reported;
  let timer: NodeJS.Timeout | undefined;
  const look = async (): Promise<void> => {
    const now = await lookOf(path);
    if (now !== before || now === undefined) {
      before = now;
      // Nothing to wait for: the next event comes with the next change.
      if (now !== undefined) wait();
    } else if (now !== reported) {
      reported = now;
      onChange();
    }
  };
  const wait = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => void look(), QUIET_MS);
  };
  const watcher = watching(path, wait);
  return () => {
    clearTimeout(timer);
    watcher?.close();
  };
}

function watching(path: string, onEvent: () => void): FSWatcher | undefined {
  try {
    // Of a file its folder, since a file that is replaced is another file; of a folder, that folder.
    const watcher = watch(path, { persistent: false }, onEvent);
    const around = watch(dirname(path), { persistent: false }, (_, name) => {
      if (name === null || name === basename(path)) onEvent();
    });
    watcher.on('error', () => undefined);
    around.on('error', () => undefined);
    watcher.on('close', () => {
      around.close();
    });
    return watcher;
  } catch {
    return undefined;
  }
}

/** What tells whether something has changed; undefined while a file is empty, or cannot be looked at. */
export async function lookOf(path: string): Promise<string | undefined> {
  try {
    const found = await stat(path);
    const names = found.isDirectory() ? await readdir(path) : [];
    const files = names.filter((name) => /^[^.].*\.(?:ya?ml|json)$/.test(name)).sort();
    const paths = found.isDirectory() ? files.map((name) => join(path, name)) : [path];
    const looks = await Promise.all(
      paths.map(async (one) => {
        const { size, mtimeMs, ino } = await stat(one);
        return { one, size, mtimeMs, ino };
      }),
    );
    return looks.some(({ size }) => size === 0) ? undefined : JSON.stringify(looks);
  } catch {
    return undefined;
  }
}
