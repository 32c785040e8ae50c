import { readFile } from 'node:fs/promises';
import { codeOf } from './error-code.js';

/** The text of a file; undefined if it does not exist. Rejects as node:fs does when it cannot be read. */
export function readFileIfExists(path: string): Promise<string | undefined> {
  return undefinedOn(['ENOENT'], readFile(path, 'utf8'));
}

/** Waits for a call of the system, whose result is undefined when it fails with one of these codes. */
export async function undefinedOn<T>(
  codes: readonly string[],
  call: Promise<T>,
): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (codes.includes(codeOf(error))) return undefined;
    throw error;
  }
}
