import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CommandResult } from '../lab/protocol.js';
import { runProcess } from '../support/run-process.js';
import { project } from '../support/sources.js';

export const releases = ['bookworm', 'trixie'] as const;
export type Release = (typeof releases)[number];

/** A system made by scripts/package-chroots.js. */
export function folderOf(release: Release): string {
  const folder = join(project, '.cache/chroots', release);
  if (!existsSync(folder)) throw new Error(`${folder} is missing: npm run test:packages makes it`);
  return folder;
}

/**
 * Opens a mount namespace with a fresh layer on a system. It ends when standard input is closed, which happens however this
 * process ends, and its mounts end with it.
 */
const MOUNTS = `set -e
lower=$1; here=$2; shift 2
mount -t tmpfs tmpfs "$here"
mkdir "$here/upper" "$here/work" "$here/root"
mount -t overlay overlay -o "lowerdir=$lower,upperdir=$here/upper,workdir=$here/work" "$here/root"
mount -t proc proc "$here/root/proc"
mkdir "$here/root/packages" "$here/root/genuine"
mount --bind "$1" "$here/root/packages"
mount --bind "$2" "$here/root/genuine"
echo ready
exec cat >/dev/null`;

const ENVIRONMENT = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/root',
  LC_ALL: 'C.UTF-8',
  DEBIAN_FRONTEND: 'noninteractive',
};

/** A small Debian of its own for each test. Nothing is started in it. */
export class Chroot implements AsyncDisposable {
  readonly #holder: ChildProcess;
  readonly #folder: string;

  private constructor(holder: ChildProcess, folder: string) {
    this.#holder = holder;
    this.#folder = folder;
  }

  /** @param packages a folder of the host, seen as /packages; the packages of the latest Debian are seen as /genuine. */
  static async open(release: Release, packages: string): Promise<Chroot> {
    const folder = await mkdtemp(join(tmpdir(), 'ipvs-chroot-'));
    const newest = join(folderOf('trixie'), 'var/cache/apt/archives');
    const script = ['sh', '-c', MOUNTS, 'sh', folderOf(release), folder, packages, newest];
    const args = ['--mount', '--propagation', 'private', ...script];
    const holder = spawn('unshare', args, { stdio: ['pipe', 'pipe', 'inherit'] });
    const answers: Promise<readonly unknown[]>[] = [
      once(holder.stdout, 'data'),
      once(holder, 'exit'),
    ];
    const [first] = await Promise.race(answers);
    if (String(first) !== 'ready\n') throw new Error('cannot mount the system of a test');
    return new Chroot(holder, folder);
  }

  /** Runs lines of shell up to the first that fails. */
  attempt(script: string): Promise<CommandResult> {
    const mounts = `--mount=/proc/${String(this.#holder.pid)}/ns/mnt`;
    const enter = ['nsenter', mounts, 'chroot', join(this.#folder, 'root'), 'sh', '-es'] as const;
    return runProcess(enter, { env: ENVIRONMENT, stdin: script });
  }

  /** @returns what it prints. */
  async run(script: string): Promise<string> {
    const { code, stdout, stderr } = await this.attempt(script);
    if (code !== 0) throw new Error(`exit status ${code} of: ${script}\n${stdout}${stderr}`);
    return stdout;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const gone = once(this.#holder, 'exit');
    this.#holder.stdin?.end();
    await gone;
    await rm(this.#folder, { recursive: true });
  }
}
