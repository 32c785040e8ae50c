import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The project's folder, from wherever this has been bundled to. */
export const projectFolder = findProject(import.meta.dirname);

function findProject(folder: string): string {
  try {
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
      name: string;
    };
    if (manifest.name === 'ipvs') return folder;
  } catch {
    // No manifest here: the parent may have it.
  }
  if (dirname(folder) === folder) throw new Error('test/lab is not inside the project ipvs');
  return findProject(dirname(folder));
}
