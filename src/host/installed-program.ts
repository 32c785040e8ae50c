import { accessSync, constants } from 'node:fs';
import { programs } from '../common/programs.js';
import type { Program } from '../common/programs.js';

/** Where a program is installed; undefined when it is not. */
export function installedProgram(program: Program): string | undefined {
  return programs[program].find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
