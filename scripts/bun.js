// Bun, which single executables are made of: packages of npm that hold a binary. npm would not install one that is for
// another processor, so they are fetched into .cache/bun, and what they must be is written here.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

export const bunVersion = '1.4.5';

/** By the names that Node gives processors. The package for x64 is the one for older processors too: they are the same file. */
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

function run(program, args, cwd) {
  const { status, error, stdout, stderr } = spawnSync(program, args, { cwd, encoding: 'utf8' });
  if (status === 0) return stdout;
  throw new Error(`${program} ${args.join(' ')} failed: ${error?.message ?? stderr}`);
}

/** @returns the path of the bun for a processor, which is fetched if it is not there. */
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
      run('npm', ['pack', '--json', `${name}@${bunVersion}`], fresh),
    );
    const archive = join(fresh, filename);
    const found = `sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`;
    if (found !== integrity)
      throw new Error(`${name}@${bunVersion} is not the expected file: ${found}`);
    run('tar', ['-xzf', archive, 'package/bin/bun'], fresh);
    rmSync(archive);
    rmSync(folder, { recursive: true, force: true });
    renameSync(fresh, folder);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  return binary;
}
