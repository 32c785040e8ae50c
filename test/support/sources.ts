import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const project = join(import.meta.dirname, '../..');

/** A file of the project, by its path from there: `src/ipvs/client/client.ts`. */
export interface Source {
  readonly path: string;
  readonly text: string;
}

/** Every TypeScript file of a folder. */
export function sources(folder = 'src'): Source[] {
  return readdirSync(join(project, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .sort()
    .map((name) => {
      const path = join(folder, name);
      return { path, text: readFileSync(join(project, path), 'utf8') };
    });
}
