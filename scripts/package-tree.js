import {
  chmodSync,
  constants,
  copyFileSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Writes the files of a package below a folder, with one time for all and modes that do not depend on the umask.
 * @param seconds since 1970.
 */
export function writeTree(folder, files, seconds) {
  for (const { path, content, copyOf, link, mode = 0o644 } of files) {
    const place = join(folder, path);
    mkdirSync(dirname(place), { recursive: true });
    if (link !== undefined) {
      symlinkSync(link, place);
      continue;
    }
    if (copyOf !== undefined) copyFileSync(copyOf, place, constants.COPYFILE_FICLONE);
    else writeFileSync(place, content);
    chmodSync(place, mode);
  }
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const place = join(entry.parentPath, entry.name);
    if (entry.isDirectory()) chmodSync(place, 0o755);
    lutimesSync(place, seconds, seconds);
  }
  chmodSync(folder, 0o755);
  lutimesSync(folder, seconds, seconds);
}
