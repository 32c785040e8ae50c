// Compiles the single executable, which needs no Node: node scripts/executable.js [x64|arm64 ...], by default for this
// processor. The result is dist/executable/PROCESSOR/ipvs, with links for the other commands.
import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { bunFor, processors } from './bun.js';
import { evaluate } from './evaluate.js';
import { programOptions } from './program-options.js';
import { main, runProgram, ScriptError } from './run-program.js';

const project = join(import.meta.dirname, '..');

/**
 * By default, an executable runs code that a bunfig.toml in the current folder names, and reads variables from a .env there.
 * A command that root types must do neither.
 */
const AUTOLOADING = ['bunfig', 'dotenv', 'tsconfig', 'package-json'];

/**
 * Environment variables that make Bun, and so every executable compiled with it, load code or act as another program. No
 * option switches them off, so their names in the binary are overwritten with names that no variable can have.
 */
const VARIABLES = ['BUN_OPTIONS', 'BUN_BE_BUN', 'BUN_INSPECT'];

async function bundle(folder) {
  const file = join(folder, 'ipvs.cjs');
  await build({
    ...programOptions,
    absWorkingDir: project,
    entryPoints: ['src/main.ts'],
    outfile: file,
    // Only Node uses it.
    external: ['netlink', 'netlink/*'],
  });
  return file;
}

function compile(file, processor, output) {
  // To compile for another processor, Bun needs the bun of that processor.
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
  runProgram(bunFor(process.arch), args);
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
      throw new ScriptError(`the variable ${name} is not in ${output}: does Bun still know it?`);
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
  const { commandNames } = await evaluate('src/cli/completion-places.ts');
  for (const name of commandNames) {
    if (name !== 'ipvs') symlinkSync('ipvs', join(fresh, name));
  }
  rmSync(folder, { recursive: true, force: true });
  renameSync(fresh, folder);
}

const wanted = process.argv.length > 2 ? process.argv.slice(2) : [process.arch];
await main(async () => {
  for (const processor of wanted) {
    if (!processors.includes(processor))
      throw new ScriptError(`There is no Bun for ${processor}: ${processors.join(', ')}`);
    await buildExecutable(processor);
  }
});
