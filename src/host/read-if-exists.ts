import { readFile } from 'node:fs/promises';
import { codeOf } from '../common/error-code.js';
import { withContext } from '../terminal/cli-error.js';

/** The text of a file; undefined when there is none. One that cannot be read is a problem, and not an empty one. */
export function readFileIfExists(path: string): Promise<string | undefined> {
  const reading = readFile(path, 'utf8').catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  });
  return withContext(`Cannot read ${path}`, reading);
}
