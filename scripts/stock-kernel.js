// Gets the kernel that Debian's machines run, for tests, and installs nothing: node scripts/stock-kernel.js. It is the
// newest that this machine's sources of packages have; of its modules only those are kept that tests may want.
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

const LATEST = 'linux-image-amd64';
const place = join(import.meta.dirname, '../node_modules/.cache/stock-kernel');
const module = (path) => `./lib/modules/*/kernel/${path}`;
const WANTED = [
  './boot/vmlinuz-*',
  './lib/modules/*/modules.*',
  ...['arch', 'crypto', 'lib', 'net', 'drivers/virtio'].map(module),
  ...['9p', 'fscache', 'netfs'].map((name) => module(`fs/${name}`)),
  ...['dummy', 'veth'].map((name) => module(`drivers/net/${name}.ko*`)),
];

function fail(message) {
  console.error(message);
  process.exit(1);
}

/** What a program says; undefined when it fails. */
function ask(program, ...args) {
  const { status, stdout } = spawnSync(program, args, { encoding: 'utf8' });
  return status === 0 ? stdout : undefined;
}

function run(program, ...args) {
  const { status, error, stderr } = spawnSync(program, args, {
    cwd: `${place}.new`,
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
    env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` },
  });
  if (status !== 0)
    fail(`${error?.message ?? stderr}\nThe stock kernel could not be had: ${program} failed.`);
}

/** The newest kernel's package, as apt-get takes it: name=version. */
function newest() {
  const about = ask('apt-cache', 'show', '--no-all-versions', LATEST) ?? '';
  const [, name, version] = /^Depends: (linux-image-[\w.-]+) \(= ([^)]+)\)/m.exec(about) ?? [];
  return name === undefined ? undefined : `${name}=${version}`;
}

function update() {
  const words = ['apt-get', '-q', '-o', 'DPkg::Lock::Timeout=120', 'update'];
  if (process.getuid() === 0) ask(...words);
  else ask('sudo', ...words);
}

function fetch(wanted) {
  console.log(`Getting the stock kernel: ${wanted} ...`);
  const fresh = `${place}.new`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true });
  // Files that root downloads are otherwise fetched by a user who cannot write here.
  run('apt-get', '-q', '-o', 'APT::Sandbox::User=root', 'download', wanted);
  const [file] = readdirSync(fresh);
  const unpack = 'dpkg-deb --fsys-tarfile "$1" | tar -x --wildcards "${@:2}"';
  run('bash', '-o', 'pipefail', '-c', unpack, 'unpack', file, ...WANTED);
  rmSync(join(fresh, file));
  const [release] = readdirSync(join(fresh, 'lib/modules'));
  run('depmod', '-b', fresh, release);
  writeFileSync(join(fresh, 'package'), wanted);
  rmSync(place, { recursive: true, force: true });
  renameSync(fresh, place);
}

if (process.arch !== 'x64') fail('The stock kernel is for x86-64 machines.');
const stamp = join(place, 'package');
const here = existsSync(stamp) ? readFileSync(stamp, 'utf8') : undefined;
if (here === undefined && newest() === undefined) update();
const wanted = newest();
if (wanted === undefined && here === undefined)
  fail(`The stock kernel is Debian's package ${LATEST}, which this machine's sources do not have.`);
if (wanted !== undefined && wanted !== here) fetch(wanted);
