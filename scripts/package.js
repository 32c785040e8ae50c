// The packages that need neither Node nor npm: node scripts/package.js [x64|arm64 ...], by default for all.
// dist/packages/ipvs_VERSION_ARCHITECTURE.deb and ipvs-VERSION-linux-PROCESSOR.tar.gz. The same commit gives the same bytes.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { architectures, debianFiles } from './package-debian.js';
import { manifest, packageFiles } from './package-files.js';
import { writeTree } from './package-tree.js';

const project = join(import.meta.dirname, '..');
const packages = join(project, 'dist/packages');
const { version } = manifest;

function run(program, args, options = {}) {
  const { status, error, stdout, stderr } = spawnSync(program, args, {
    cwd: project,
    encoding: 'utf8',
    ...options,
  });
  if (status === 0) return stdout;
  console.error(`${program} failed: ${error?.message ?? stderr}`);
  process.exit(1);
}

/** The time of the commit, https://reproducible-builds.org/specs/source-date-epoch/, when none is asked for. */
const seconds = Number(
  process.env.SOURCE_DATE_EPOCH ?? run('git', ['log', '-1', '--format=%ct']).trim(),
);

/** Makes a file of a package's tree: it appears when it is whole. */
function pack(name, files, command) {
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

async function packDebian(processor) {
  const files = await debianFiles(processor, seconds);
  pack(`ipvs_${version}_${architectures[processor]}.deb`, files, (tree, file) => {
    // A higher level takes three times as long, to save 5 of 45 MB.
    return ['dpkg-deb', '--root-owner-group', '-Zxz', '-z1', '--build', tree, file];
  });
}

async function packTarball(processor) {
  const top = `ipvs-${version}-linux-${processor}`;
  const files = await packageFiles({ processor, prefix: '/usr/local' });
  const below = files.map((file) => ({ ...file, path: join(top, file.path) }));
  pack(`${top}.tar.gz`, below, (tree, file) => {
    const owner = ['--owner=root:0', '--group=root:0'];
    // gzip writes no time of what it reads from a pipe.
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
for (const script of ['build.js', 'executable.js']) {
  const args = script === 'executable.js' ? processors : [];
  run(process.execPath, [join('scripts', script), ...args], {
    stdio: ['ignore', 'inherit', 'pipe'],
  });
}
rmSync(packages, { recursive: true, force: true });
mkdirSync(packages, { recursive: true });
for (const processor of processors) {
  await packDebian(processor);
  await packTarball(processor);
}
