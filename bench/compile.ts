import { join } from 'node:path';
import { compileC } from '../test/lab/host.js';

/** Compiles a C program of this folder into another; returns its path. */
export async function compile(name: string, folder: string): Promise<string> {
  const program = join(folder, name);
  if (await compileC(`bench/${name}.c`, program)) return program;
  throw new Error(
    'A C compiler is missing (cc, gcc or tcc). To install it: node scripts/setup.js bench',
  );
}
