// The programs: node scripts/build.js. The library too: node scripts/build.js --library.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { evaluate } from './evaluate.js';

const project = join(import.meta.dirname, '..');
const PROGRAMS = {
  ipvsadm: 'ipvsadm/main-ipvsadm',
  'ipvsadm-save': 'ipvsadm/main-save',
  'ipvsadm-restore': 'ipvsadm/main-restore',
  ipvs: 'cli/main-ipvs',
};

/**
 * Help is laid out here, once: a start then need not load commander for it. The module that makes it is replaced by one
 * that holds it.
 */
const helpAsText = {
  name: 'help-as-text',
  setup({ onLoad }) {
    onLoad({ filter: /src\/ipvsadm\/help\.ts$/ }, async ({ path }) => {
      const { helpText } = await evaluate(path);
      const text = JSON.stringify(helpText());
      return { contents: `export const helpText = () => ${text};` };
    });
  },
};

/** One file per program: what a command-line tool does not look for, it does not wait for. */
async function buildPrograms(folder) {
  const entryPoints = Object.entries(PROGRAMS)
    .map(([name, main]) => ({ out: name, in: join(project, `src/${main}.ts`) }))
    .filter((entry) => existsSync(entry.in));
  if (entryPoints.length === 0) return;
  await build({
    absWorkingDir: project,
    entryPoints,
    outdir: join(folder, 'bin'),
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    // Less to read at each start. Nobody is shown a stack trace.
    minify: true,
    charset: 'utf8',
    legalComments: 'eof',
    plugins: [helpAsText],
    // The one has a binary beside it; the others are for the command ipvs alone.
    external: ['netlink', 'netlink/*', 'commander', 'chalk'],
    logLevel: 'warning',
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
