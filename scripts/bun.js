// Fetches Bun, which compiles the single executable, into .cache/bun. It comes as npm packages that contain a binary. npm
// does not install one for another processor, so their version and checksums are pinned here and not in package.json.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram, ScriptError } from './run-program.js';

export const bunVersion = '1.4.5';

/** By Node's names for processors. In this version, the build for older x64 processors is the same file as the usual one. */
const packages = {
  x64: {
    name: '@oven/bun-linux-x64-baseline',
    integrity:
      'sha512-s8yMwYcFnnrA178gji0gZbkE2WVDej/Ti1x770oPfihxyRxSMNhGhiAQNXV53aDeraZxksdvKV/RAdQBCd0qPA==',
  },
  arm64: {
    name: '@oven/bun-linux-aarch64',
    integrity:
      'sha512-4BXmsSKnjOrlGWqZV4x/oWa7AVoR+B6lCXddMzOAXBIm3t50eslg9wb66gmtW1AamEQ1l1CDvmmruysEhqOWMg==',
  },
};
export const processors = Object.keys(packages);
const cache = join(import.meta.dirname, '../.cache/bun', bunVersion);

/** Fetches the bun for a processor, unless it is there already. @returns its path. */
export function bunFor(processor) {
  const folder = join(cache, processor);
  const binary = join(folder, 'package/bin/bun');
  if (existsSync(binary)) return binary;
  const { name, integrity } = packages[processor];
  console.log(`Fetching ${name}@${bunVersion} ...`);
  const fresh = `${folder}.${process.pid}`;
  mkdirSync(fresh, { recursive: true });
  try {
    const [{ filename }] = JSON.parse(
      runProgram('npm', ['pack', '--json', `${name}@${bunVersion}`], { cwd: fresh }),
    );
    const archive = join(fresh, filename);
    const found = `sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`;
    if (found !== integrity)
      throw new ScriptError(`${name}@${bunVersion} is not the expected file: ${found}`);
    runProgram('tar', ['-xzf', archive, 'package/bin/bun'], { cwd: fresh });
    rmSync(archive);
    rmSync(folder, { recursive: true, force: true });
    renameSync(fresh, folder);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  return binary;
}
