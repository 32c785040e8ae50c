// Makes the packages that need neither Node nor npm: node scripts/package.js [x64|arm64 ...], by default both. The results
// are dist/packages/ipvs_VERSION_ARCHITECTURE.deb and ipvs-VERSION-linux-PROCESSOR.tar.gz, the same bytes for each commit.
import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { architectures, debianFiles } from './package-debian.js';
import { manifest, packageFiles } from './package-files.js';
import { writeTree } from './package-tree.js';
import { main, runProgram } from './run-program.js';

const project = join(import.meta.dirname, '..');
const packages = join(project, 'dist/packages');
const { version } = manifest;

const run = (program, args, options) => runProgram(program, args, { cwd: project, ...options });

/** The time in the packages: https://reproducible-builds.org/specs/source-date-epoch/, or else that of the commit. */
const timeOf = () =>
  Number(process.env.SOURCE_DATE_EPOCH ?? run('git', ['log', '-1', '--format=%ct']).trim());

/** Packs files with a program. The package appears only when it is complete. */
function pack(name, files, seconds, command) {
  const folder = mkdtempSync(join(project, 'dist/package-'));
  try {
    const tree = join(folder, 'tree');
    writeTree(tree, files, seconds);
    const [program, ...args] = command(tree, join(folder, name));
    run(program, args, { env: { ...process.env, SOURCE_DATE_EPOCH: String(seconds) } });
    renameSync(join(folder, name), join(packages, name));
    console.log(join('dist/packages', name));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function packDebian(processor, seconds) {
  const files = await debianFiles(processor, seconds);
  pack(`ipvs_${version}_${architectures[processor]}.deb`, files, seconds, (tree, file) => {
    // A higher level takes three times as long, to save 5 of 45 MB.
    return ['dpkg-deb', '--root-owner-group', '-Zxz', '-z1', '--build', tree, file];
  });
}

async function packTarball(processor, seconds) {
  const top = `ipvs-${version}-linux-${processor}`;
  const files = await packageFiles({ processor, prefix: '/usr/local' });
  const below = files.map((file) => ({ ...file, path: join(top, file.path) }));
  pack(`${top}.tar.gz`, below, seconds, (tree, file) => {
    const owner = ['--owner=root:0', '--group=root:0'];
    // From a pipe, gzip records no time.
    return [
      'tar',
      '--sort=name',
      ...owner,
      '--use-compress-program=gzip',
      '-cf',
      file,
      '-C',
      tree,
      top,
    ];
  });
}

const processors = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(architectures);
await main(async () => {
  const seconds = timeOf();
  const shown = { stdio: ['ignore', 'inherit', 'pipe'] };
  run(process.execPath, ['scripts/build.js'], shown);
  run(process.execPath, ['scripts/executable.js', ...processors], shown);
  rmSync(packages, { recursive: true, force: true });
  mkdirSync(packages, { recursive: true });
  for (const processor of processors) {
    await packDebian(processor, seconds);
    await packTarball(processor, seconds);
  }
});
