/** The kernel that Debian's machines run, in an emulated one (qemu). It is of this machine's release of Debian. */
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, realpathSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { archive, type ArchiveEntry } from './archive.js';
import { LabError } from './errors.js';
import { needPrograms } from './host.js';
import { INIT, type Launch } from './launch.js';
import { projectFolder } from './project.js';

const REMEDY =
  'Install what it needs with: node scripts/setup.js stock && node scripts/stock-kernel.js';

/** What the first of its programs needs to see the host's files; the other modules are among them. */
const MODULES = ['9p', '9pnet_virtio', 'virtio_pci'];

const SHARE = 'trans=virtio,version=9p2000.L,msize=262144';
const RAMDISK = 'ramdisk.cpio';

export function stockKernel(folder: string, memoryMegabytes: number): Promise<Launch> {
  const [program = ''] = needPrograms(
    ['qemu-system-x86_64', 'ip', 'modprobe', 'busybox', 'ldd', 'taskset'],
    REMEDY,
  );
  const place = join(projectFolder, 'node_modules/.cache/stock-kernel');
  const release = installedRelease(place);
  writeFileSync(join(folder, RAMDISK), ramdisk(place, release, folder));
  return Promise.resolve({
    program,
    args: machine(join(place, 'boot', `vmlinuz-${release}`), folder, memoryMegabytes),
    env: {},
    guest: {
      LAB_SHARE_TYPE: '9p',
      // What the host writes while the guest runs must be seen.
      LAB_SHARE_OPTIONS: `${SHARE},cache=none`,
      LAB_MODULES: join(place, 'lib/modules'),
      LAB_CONTROL: '/dev/ttyS1',
      LAB_TERMINAL: '/dev/ttyS2',
    },
  });
}

function installedRelease(place: string): string {
  try {
    const [release] = readdirSync(join(place, 'lib/modules'));
    if (release !== undefined) return release;
  } catch {
    // There is none.
  }
  throw new LabError(`The stock kernel is missing. ${REMEDY}`);
}

/** Emulated even where the CPU could help, so that it runs on every machine. */
function machine(kernel: string, folder: string, memoryMegabytes: number): string[] {
  return [
    ...['-no-user-config', '-nodefaults', '-no-reboot', '-display', 'none'],
    ...['-machine', 'q35', '-accel', 'tcg', '-cpu', 'max', '-smp', '1', '-m', `${memoryMegabytes}`],
    ...['-kernel', kernel, '-initrd', join(folder, RAMDISK)],
    // Guards against faults of real CPUs, which make an emulated one much slower.
    ...['-append', 'console=ttyS0 earlyprintk=ttyS0 panic=-1 mitigations=off'],
    ...['-serial', 'stdio'],
    ...['-chardev', 'socket,id=control,fd=3', '-serial', 'chardev:control'],
    ...['-chardev', 'socket,id=terminal,fd=4', '-serial', 'chardev:terminal'],
    ...shared('host', '/', 'readonly=on'),
    ...shared('shared', folder, 'readonly=off'),
  ];
}

function shared(tag: string, path: string, access: string): string[] {
  const folder = path.replaceAll(',', ',,');
  const options = `security_model=none,multidevs=remap,${access}`;
  return ['-virtfs', `local,path=${folder},mount_tag=${tag},${options}`];
}

/** What the kernel starts with: enough to mount the host's files, and to go on there. */
function ramdisk(place: string, release: string, folder: string): Uint8Array {
  const modules = modulePaths(place, release);
  const programs = needPrograms(['busybox', 'insmod'], REMEDY);
  const libraries = new Set(programs.flatMap(librariesOf));
  const init = `#!/bin/busybox sh
for name in ${modules.map((path) => basename(path)).join(' ')}; do /bin/insmod "/modules/$name"; done
/bin/busybox mount -t 9p -o ro,${SHARE},cache=loose host /root
exec /bin/busybox switch_root /root /bin/sh '${join(folder, INIT)}'
`;
  return archive([
    { path: 'root' },
    { path: 'init', content: Buffer.from(init) },
    ...programs.map((path) => fileFrom(path, `bin/${basename(path)}`)),
    ...[...libraries].map((path) => fileFrom(path, path.slice(1))),
    ...modules.map((path) => fileFrom(path, `modules/${basename(path)}`)),
  ]);
}

const fileFrom = (source: string, path: string): ArchiveEntry => ({
  path,
  content: readFileSync(realpathSync(source)),
});

/** In the order in which they are loaded. */
function modulePaths(place: string, release: string): string[] {
  const args = ['-d', place, '-S', release, '-a', '--show-depends', ...MODULES];
  const [modprobe = ''] = needPrograms(['modprobe'], REMEDY);
  const lines = execFileSync(modprobe, args, { encoding: 'utf8' }).split('\n');
  return [...new Set(lines.flatMap((line) => /^insmod (\S+)/.exec(line)?.[1] ?? []))];
}

/** The libraries that a program loads, and what loads them; none for a static one. */
function librariesOf(program: string): string[] {
  try {
    const text = execFileSync('ldd', [program], { encoding: 'utf8', stdio: 'pipe' });
    return Array.from(text.matchAll(/(\/\S+) \(0x/g), ([, path = '']) => path);
  } catch {
    return [];
  }
}
