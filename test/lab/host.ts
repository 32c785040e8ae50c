/** What the lab needs of the machine it runs on. */
import { execFile } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { LabError } from './errors.js';
import { projectFolder } from './project.js';

const run = promisify(execFile);
const FOLDERS = [
  ...(process.env['PATH'] ?? '').split(':'),
  '/usr/sbin',
  '/usr/bin',
  '/sbin',
  '/bin',
];
const REMEDY = 'Install what the lab needs with: node scripts/setup.js lab';

export function findProgram(name: string): string | undefined {
  return FOLDERS.filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/** The path of linux.uml, once everything the guest needs is there. */
export function findUserModeKernel(): string {
  const kernel = findProgram('linux.uml');
  if (kernel === undefined) throw new LabError(`The lab's kernel linux.uml is missing. ${REMEDY}`);
  if (!existsSync('/usr/lib/uml/modules'))
    throw new LabError(`The lab's kernel modules (/usr/lib/uml/modules) are missing. ${REMEDY}`);
  needPrograms(['ip', 'modprobe', 'busybox', 'taskset'], REMEDY);
  return kernel;
}

/** Their paths, in that order. */
export function needPrograms(names: readonly string[], remedy: string): string[] {
  const missing = names.filter((name) => findProgram(name) === undefined);
  if (missing.length > 0) throw new LabError(`The lab misses ${missing.join(', ')}. ${remedy}`);
  return names.flatMap((name) => findProgram(name) ?? []);
}

/**
 * The one CPU the guest runs on: its threads hand over to each other all the time, and are 2 to 5 times slower when
 * they do so between CPUs.
 */
export function chooseCpu(wanted: number | undefined): number {
  return wanted ?? usableCpus().at(-1) ?? 0;
}

/** The CPUs that this process may use, or the one that `IPVS_LAB_CPU` leaves it. */
export function usableCpus(): number[] {
  const fromEnvironment = process.env['IPVS_LAB_CPU'];
  if (fromEnvironment !== undefined && /^\d+$/.test(fromEnvironment)) {
    return [Number(fromEnvironment)];
  }
  const status = readFileSync('/proc/self/status', 'utf8');
  const list = /^Cpus_allowed_list:\s*(\S+)/m.exec(status)?.[1] ?? '0';
  return list.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}

/** Where the guest's memory is kept: in memory where there is room (containers often have but 64 MB of it). */
export function hasRoomInSharedMemory(megabytes: number): boolean {
  try {
    accessSync('/dev/shm', constants.W_OK);
    const { bavail, bsize } = statfsSync('/dev/shm');
    return bavail * bsize > megabytes * 2 ** 20;
  } catch {
    return false;
  }
}

/** Compiles a program, or a library, of one source of the project; false when there is no C compiler. */
export async function compileC(
  source: string,
  output: string,
  flags: readonly string[] = [],
): Promise<boolean> {
  const [compiler] = ['cc', 'gcc', 'tcc'].flatMap((name) => findProgram(name) ?? []);
  if (compiler === undefined) return false;
  // tcc has no optimiser, and all it makes is independent of its place.
  const further = compiler.endsWith('tcc') ? [] : ['-O2', '-fPIC'];
  await run(compiler, [...further, ...flags, '-o', output, join(projectFolder, source)]);
  return true;
}

/** The library linux.uml needs on a CPU with AMX (see wide-xstate.c), compiled into the folder. */
export async function compilePreload(folder: string): Promise<string | undefined> {
  if (!/\bamx_tile\b/.test(readFileSync('/proc/cpuinfo', 'utf8'))) return undefined;
  const library = join(folder, 'wide-xstate.so');
  const flags = ['-shared', '-nostdlib'];
  if (await compileC('test/lab/wide-xstate.c', library, flags)) return library;
  throw new LabError(
    `On this CPU (AMX) the lab's kernel needs a C compiler: cc, gcc or tcc. ${REMEDY}`,
  );
}
