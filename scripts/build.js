// The programs: node scripts/build.js. The library too: node scripts/build.js --library.
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { build } from 'esbuild';

const project = join(import.meta.dirname, '..');
const PROGRAMS = {
  ipvsadm: 'main-ipvsadm',
  'ipvsadm-save': 'main-save',
  'ipvsadm-restore': 'main-restore',
};

/**
 * Help is laid out here, once: a start then need not load commander for it. The module that makes it is replaced by one
 * that holds it.
 */
const helpAsText = {
  name: 'help-as-text',
  setup({ onLoad }) {
    onLoad({ filter: /src\/ipvsadm\/help\.ts$/ }, async ({ path }) => {
      const { outputFiles } = await build({
        absWorkingDir: project,
        entryPoints: [path],
        bundle: true,
        platform: 'node',
        format: 'cjs',
        write: false,
      });
      const module = { exports: {} };
      new Function('module', 'require', outputFiles[0].text)(
        module,
        createRequire(import.meta.url),
      );
      const text = JSON.stringify(module.exports.helpText());
      return { contents: `export const helpText = () => ${text};` };
    });
  },
};

/** One file per program: what a command-line tool does not look for, it does not wait for. */
async function buildPrograms() {
  const entryPoints = Object.entries(PROGRAMS)
    .map(([name, main]) => ({ out: name, in: join(project, `src/ipvsadm/${main}.ts`) }))
    .filter((entry) => existsSync(entry.in));
  if (entryPoints.length === 0) return;
  await build({
    absWorkingDir: project,
    entryPoints,
    outdir: join(project, 'dist/bin'),
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    // Names stay, for stack traces.
    minifyWhitespace: true,
    minifySyntax: true,
    charset: 'utf8',
    legalComments: 'eof',
    plugins: [helpAsText],
    // It has a binary beside it.
    external: ['netlink', 'netlink/*'],
    logLevel: 'warning',
  });
}

function buildLibrary() {
  const compiler = join(project, 'node_modules/typescript/bin/tsc');
  const { status } = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], {
    cwd: project,
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(status ?? 1);
}

if (process.argv.includes('--library')) {
  rmSync(join(project, 'dist'), { recursive: true, force: true });
  buildLibrary();
}
try {
  await buildPrograms();
} catch {
  // esbuild has said why.
  process.exit(1);
}
