import { readFile } from 'node:fs/promises';
import { codeOf } from './error-code.js';

/** The text of a file; undefined if it does not exist. Rejects as node:fs does when it cannot be read. */
export function readFileIfExists(path: string): Promise<string | undefined> {
  return ifExists(readFile(path, 'utf8'));
}

/**
 * Undefined for what does not exist, rather than an error: also for a process that ends, and for an interface that goes,
 * while their files are read.
 */
export async function ifExists<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (/^(?:ENOENT|ENOTDIR|ESRCH|ENODEV)$/.test(codeOf(error))) return undefined;
    throw error;
  }
}
