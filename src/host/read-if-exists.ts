import { readFile } from 'node:fs/promises';
import { codeOf } from '../common/error-code.js';

/** The text of a file; undefined if it does not exist. Rejects as node:fs does when it cannot be read. */
export async function readFileIfExists(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}
