import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const project = join(import.meta.dirname, '../..');

/** A file of the source, by its path from the project's folder: `src/ipvs/client.ts`. */
export interface Source {
  readonly path: string;
  readonly text: string;
}

/** Every TypeScript file of src. */
export function sources(): Source[] {
  return readdirSync(join(project, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .sort()
    .map((name) => {
      const path = join('src', name);
      return { path, text: readFileSync(join(project, path), 'utf8') };
    });
}
