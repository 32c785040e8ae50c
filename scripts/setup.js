// Makes the project ready to work on: node scripts/setup.js. For a real kernel, as the demo wants it:
// node scripts/setup.js lab. For that and all else that tests run: node scripts/setup.js tests. For measurements there:
// node scripts/setup.js bench. To emulate the machine of another kernel: node scripts/setup.js stock.
// To try packages: node scripts/setup.js packages. For pictures of the agent's page: node scripts/setup.js pictures.
// Plain JavaScript without packages: it runs before there are any.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const project = join(import.meta.dirname, '..');

function fail(message) {
  console.error(message);
  process.exit(1);
}

/** Reasons stand at the beginning (npm) or at the end (apt-get) of what a program says. */
function shorten(text) {
  const lines = text.trimEnd().split('\n');
  return lines.length <= 24 ? lines : [...lines.slice(0, 12), '...', ...lines.slice(-12)];
}

/** Runs a program; gives undefined when all is well, and else what it said. */
function attempt(program, args, options = {}) {
  const { status, signal, error, stdout, stderr } = spawnSync(program, args, {
    cwd: project,
    stdio: ['inherit', 'pipe', 'pipe'],
    encoding: 'utf8',
    maxBuffer: 64 * 2 ** 20,
    ...options,
  });
  if (signal === 'SIGINT') process.exit(130);
  if (status === 0) return undefined;
  return error ? error.message : shorten(`${stdout}${stderr}`).join('\n');
}

function packagesIn(lockfile) {
  const { packages } = JSON.parse(readFileSync(join(project, lockfile), 'utf8'));
  return new Map(Object.entries(packages).filter(([path]) => path !== ''));
}

/** npm leaves a lockfile of what it has really installed; optional packages are for some machines only. */
function packagesAreInstalled() {
  if (!existsSync(join(project, 'node_modules/.package-lock.json'))) return false;
  const installed = packagesIn('node_modules/.package-lock.json');
  const wanted = packagesIn('package-lock.json');
  for (const [path, { version, optional }] of wanted) {
    const found = installed.get(path);
    if (found ? found.version !== version : !optional) return false;
  }
  return [...installed.keys()].every((path) => wanted.has(path));
}

function installPackages() {
  console.log('Installing the packages of package-lock.json (npm ci) ...');
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const said = attempt('npm', args);
  if (said !== undefined)
    fail(`${said}\nnpm ci failed. Once that is mended, type: npm ci --ignore-scripts`);
}

function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

const folders = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

function has(program) {
  return folders.some((folder) => folder !== '' && isProgram(join(folder, program)));
}

/** Each Debian package the lab needs, and whether what it is needed for is there. */
function labPackages() {
  return {
    'user-mode-linux': has('linux.uml') && existsSync('/usr/lib/uml/modules'),
    ipvsadm: has('ipvsadm'),
    kmod: has('modprobe'),
    iproute2: has('ip'),
    iptables: has('iptables'),
    curl: has('curl'),
    busybox: has('busybox'),
    // For test/lab/wide-xstate.c.
    tcc:
      !/\bamx_tile\b/.test(readFileSync('/proc/cpuinfo', 'utf8')) || ['cc', 'gcc', 'tcc'].some(has),
  };
}

/** The same for measurements, which have programs in C with them. */
function benchPackages() {
  return {
    ...labPackages(),
    tcc: ['cc', 'gcc', 'tcc'].some(has),
    'libc6-dev': existsSync('/usr/include/stdio.h') && existsSync('/usr/include/linux/netlink.h'),
    keepalived: has('keepalived'),
  };
}

/** The same for what tests run beside: shells that complete, checkers of manual and unit, programs that drive IPVS or look at the wire. */
function testPackages() {
  return {
    bash: has('bash'),
    zsh: has('zsh'),
    fish: has('fish'),
    mandoc: has('mandoc'),
    'man-db': has('man'),
    systemd: has('systemd-analyze'),
    keepalived: has('keepalived'),
    ldirectord: has('ldirectord'),
    bird2: has('bird'),
    // Traffic: what is on a wire, SCTP, who answers ARP, marks by nft.
    tcpdump: has('tcpdump'),
    socat: has('socat'),
    'iputils-arping': has('arping'),
    nftables: has('nft'),
    // What README.md pipes JSON to.
    jq: has('jq'),
    // Metrics: whose names can be printed too, and what checks them.
    'prometheus-node-exporter': has('prometheus-node-exporter'),
    prometheus: has('promtool'),
    // A terminal for what is drawn on one.
    tmux: has('tmux'),
    // A browser for the agent's page.
    chromium: has('chromium'),
  };
}

/** A browser that makes pictures, and letters that look the same on each machine. */
function picturePackages() {
  return {
    chromium: has('chromium'),
    'fonts-inter': existsSync('/usr/share/fonts/opentype/inter'),
    pngquant: has('pngquant'),
  };
}

/** What runs a program for arm64 on another processor. */
function emulatorPackages() {
  return {
    'qemu-user-static': has('qemu-aarch64-static'),
    'libc6-arm64-cross': existsSync('/usr/aarch64-linux-gnu/lib/ld-linux-aarch64.so.1'),
  };
}

/** For making packages, and the small systems in which they are tested. */
function packagingPackages() {
  return {
    ...labPackages(),
    dpkg: has('dpkg-deb'),
    mmdebstrap: has('mmdebstrap'),
    'debian-archive-keyring': existsSync('/usr/share/keyrings/debian-archive-keyring.gpg'),
    lintian: has('lintian'),
    binutils: has('readelf'),
    mount: has('mount'),
    'util-linux': has('unshare') && has('nsenter'),
  };
}

const levels = {
  packages: packagingPackages,
  lab: labPackages,
  bench: benchPackages,
  stock: () => ({ ...labPackages(), 'qemu-system-x86': has('qemu-system-x86_64') }),
  pictures: picturePackages,
  tests: () => ({ ...labPackages(), ...testPackages() }),
  executable: () => ({ ...labPackages(), ...testPackages(), ...emulatorPackages() }),
};

function missingPackages(level) {
  const present = levels[level]?.() ?? {};
  return Object.keys(present).filter((name) => !present[name]);
}

function installDebianPackages(level, names) {
  const list = names.join(' ');
  const root = process.getuid() === 0;
  const command = `${root ? '' : 'sudo '}apt-get install --no-install-recommends ${list}`;
  if (!has('apt-get') || (!root && !has('sudo'))) {
    const why = has('apt-get') ? 'there is no sudo' : 'there is no apt-get';
    fail(`Debian packages are missing, and ${why} to install them: ${list}
Install them as root (on Debian and Ubuntu: apt-get install --no-install-recommends ${list}), then try again.`);
  }
  console.log(`Installing Debian packages for the ${level}: ${list} ...`);
  const aptGet = (...args) => {
    const words = [
      'env',
      'DEBIAN_FRONTEND=noninteractive',
      'apt-get',
      '-y',
      '-q',
      '-o',
      'DPkg::Lock::Timeout=120',
      ...args,
    ];
    return root ? attempt(words[0], words.slice(1)) : attempt('sudo', words);
  };
  // Where one of many sources cannot be reached, the others may do.
  const updateSaid = aptGet('update');
  const said = aptGet('install', '--no-install-recommends', ...names);
  if (said !== undefined) {
    const update = updateSaid === undefined ? '' : `${updateSaid}\n`;
    fail(`${update}${said}\napt-get failed. Once that is mended, type: ${command}`);
  }
  const missing = missingPackages(level);
  if (missing.length > 0)
    fail(`apt-get says all is installed, but what is used of these packages is not there: ${missing.join(' ')}
Try: ${root ? '' : 'sudo '}apt-get install --reinstall ${missing.join(' ')}`);
}

if (process.platform !== 'linux')
  fail('IPVS is a part of Linux: this project is worked on on Linux.');
if (!packagesAreInstalled()) installPackages();
const level = process.argv[2];
const missing = missingPackages(level);
if (missing.length > 0) installDebianPackages(level, missing);
