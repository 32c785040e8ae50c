import { constants } from 'node:fs';
import { readdir, readFile, readlink, writeFile } from 'node:fs/promises';
import { undefinedOn } from '../common/read-if-exists.js';
import { runProgram } from '../common/run-program.js';
import type { Host } from './host.js';
import { hostCall } from './host-error.js';

const SYSCTLS = '/proc/sys/';
/** A process may end, and an interface may go, while their files are read. */
const MISSING = ['ENOENT', 'ENOTDIR', 'ESRCH', 'ENODEV'];

/** The machine that this process runs on, as its network namespace sees it. */
export const linuxHost: Host = {
  read: (path) => hostCall(`cannot read ${path}`, undefinedOn(MISSING, readFile(path, 'utf8'))),
  list: async (folder) =>
    (await hostCall(`cannot read ${folder}`, undefinedOn(MISSING, readdir(folder)))) ?? [],
  link: (path) => readlink(path).catch(() => undefined),
  write: async (path, text) => {
    if (!path.startsWith(SYSCTLS) || path.includes('/../')) {
      throw new RangeError(`not a sysctl: ${path}`);
    }
    await writeFile(path, `${text}\n`, { flag: constants.O_WRONLY });
  },
  probeTcp: async (...where) => (await import('./tcp-probe.js')).probeTcp(...where),
  run: (program, words, input, env) => runProgram(program, words, { input, env }),
};
