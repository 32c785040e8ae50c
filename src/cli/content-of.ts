import { readFile } from 'node:fs/promises';
import { codeOf } from '../machine/error-code.js';
import { saying } from './problem.js';

/** The text of a file; undefined when there is none. One that cannot be read is a problem, and not an empty one. */
export function contentOf(path: string): Promise<string | undefined> {
  const reading = readFile(path, 'utf8').catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  });
  return saying(`Cannot read ${path}`, reading);
}
