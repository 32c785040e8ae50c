import { constants } from 'node:fs';
import { readdir, readlink, writeFile } from 'node:fs/promises';
import { ifExists, readFileIfExists } from '../common/read-if-exists.js';
import { runProgram } from '../common/run-program.js';
import type { Host } from './host.js';
import { hostCall } from './host-error.js';

const SYSCTLS = '/proc/sys/';

/** The machine that this process runs on, as its network namespace sees it. */
export const linuxHost: Host = {
  read: (path) => hostCall(`cannot read ${path}`, readFileIfExists(path)),
  list: async (folder) =>
    (await hostCall(`cannot read ${folder}`, ifExists(readdir(folder)))) ?? [],
  link: (path) => readlink(path).catch(() => undefined),
  write: async (path, text) => {
    if (!path.startsWith(SYSCTLS) || path.includes('/../')) {
      throw new RangeError(`not a sysctl: ${path}`);
    }
    await writeFile(path, `${text}\n`, { flag: constants.O_WRONLY });
  },
  probeTcp: async (...where) => (await import('./tcp-probe.js')).probeTcp(...where),
  run: (program, words, input) => runProgram(program, words, { input }),
};
