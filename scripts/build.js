// The programs: node scripts/build.js. The library too: node scripts/build.js --library.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { evaluate } from './evaluate.js';
import { programOptions } from './program-options.js';

const project = join(import.meta.dirname, '..');
const PROGRAMS = {
  ipvsadm: 'ipvsadm/main-ipvsadm',
  'ipvsadm-save': 'ipvsadm/main-save',
  'ipvsadm-restore': 'ipvsadm/main-restore',
  ipvs: 'cli/main-ipvs',
};

/** One file per program: what a command-line tool does not look for, it does not wait for. */
async function buildPrograms(folder) {
  const entryPoints = Object.entries(PROGRAMS)
    .map(([name, main]) => ({ out: name, in: join(project, `src/${main}.ts`) }))
    .filter((entry) => existsSync(entry.in));
  if (entryPoints.length === 0) return;
  await build({
    absWorkingDir: project,
    ...programOptions,
    entryPoints,
    outdir: join(folder, 'bin'),
    outExtension: { '.js': '.cjs' },
    // The one has a binary beside it; the others are for the command ipvs alone.
    external: ['netlink', 'netlink/*', 'commander', 'chalk', 'cli-table3', 'yaml'],
  });
}

/** What makes shells complete the commands. */
async function buildCompletions(folder) {
  const completions = join(folder, 'completions');
  mkdirSync(completions, { recursive: true });
  for (const command of ['ipvsadm', 'cli']) {
    const { completionFiles } = await evaluate(`src/${command}/completions/files.ts`);
    for (const [name, text] of Object.entries(completionFiles())) {
      writeFileSync(join(completions, name), text);
    }
  }
}

function buildLibrary(folder) {
  const compiler = join(project, 'node_modules/typescript/bin/tsc');
  const args = [compiler, '-p', 'tsconfig.build.json', '--outDir', folder];
  const { status } = spawnSync(process.execPath, args, { cwd: project, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

/** Puts a folder in the place of another, which may be in use: it is never half there. */
function replaceFolder(old, fresh) {
  const away = `${old}.old`;
  rmSync(away, { recursive: true, force: true });
  if (existsSync(old)) renameSync(old, away);
  renameSync(fresh, old);
  rmSync(away, { recursive: true, force: true });
}

const dist = join(project, 'dist');
try {
  if (process.argv.includes('--library')) {
    const fresh = `${dist}.new`;
    rmSync(fresh, { recursive: true, force: true });
    buildLibrary(fresh);
    await buildPrograms(fresh);
    await buildCompletions(fresh);
    replaceFolder(dist, fresh);
  } else {
    await buildPrograms(dist);
    await buildCompletions(dist);
  }
} catch (error) {
  // esbuild has said why.
  if (!(error instanceof Error && 'errors' in error)) throw error;
  process.exit(1);
}
