// Single executables that need no Node: node scripts/executable.js [x64|arm64 ...], by default for this processor.
// They are dist/executable/PROCESSOR/ipvs, with links for the other commands.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { bunFor, processors } from './bun.js';
import { programOptions } from './program-options.js';

const project = join(import.meta.dirname, '..');
const LINKS = ['ipvsadm', 'ipvsadm-save', 'ipvsadm-restore'];

/**
 * By default an executable runs code that a bunfig.toml in the current folder names, and takes variables from a .env there:
 * a command of root must do neither.
 */
const AUTOLOADING = ['bunfig', 'dotenv', 'tsconfig', 'package-json'];

/**
 * Environment variables with which Bun, and so any executable made with it, loads code or becomes another program. There is
 * no option to switch them off, so their names in the binary are replaced with ones that no variable can have.
 */
const VARIABLES = ['BUN_OPTIONS', 'BUN_BE_BUN', 'BUN_INSPECT'];

async function bundle(folder) {
  const file = join(folder, 'ipvs.cjs');
  await build({
    ...programOptions,
    absWorkingDir: project,
    entryPoints: ['src/main.ts'],
    outfile: file,
    // For Node alone.
    external: ['netlink', 'netlink/*'],
  });
  return file;
}

function compile(file, processor, output) {
  // Bun compiles for others with a bun of theirs.
  const args = [
    'build',
    file,
    '--compile',
    '--minify',
    '--bytecode',
    '--format=cjs',
    `--target=bun-linux-${processor}`,
    `--compile-executable-path=${bunFor(processor)}`,
    ...AUTOLOADING.map((name) => `--no-compile-autoload-${name}`),
    '--external=netlink',
    '--external=netlink/*',
    `--outfile=${output}`,
  ];
  const { status, stdout, stderr } = spawnSync(bunFor(process.arch), args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`bun build failed:\n${stdout}${stderr}`);
}

function disableVariables(output) {
  const binary = readFileSync(output);
  for (const name of VARIABLES) {
    let count = 0;
    for (let at = binary.indexOf(name); at >= 0; at = binary.indexOf(name, at + 1)) {
      binary.write('=', at);
      count += 1;
    }
    if (count === 0)
      throw new Error(`the variable ${name} is not in ${output}: does Bun still know it?`);
  }
  writeFileSync(output, binary);
}

async function buildExecutable(processor) {
  const folder = join(project, 'dist/executable', processor);
  const fresh = `${folder}.new`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true });
  const output = join(fresh, 'ipvs');
  const file = await bundle(fresh);
  compile(file, processor, output);
  disableVariables(output);
  rmSync(file);
  for (const name of LINKS) symlinkSync('ipvs', join(fresh, name));
  rmSync(folder, { recursive: true, force: true });
  renameSync(fresh, folder);
}

const wanted = process.argv.length > 2 ? process.argv.slice(2) : [process.arch];
for (const processor of wanted) {
  if (!processors.includes(processor)) {
    console.error(`There is no Bun for ${processor}: ${processors.join(', ')}`);
    process.exit(1);
  }
  await buildExecutable(processor);
}
