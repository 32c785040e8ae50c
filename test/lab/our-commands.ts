import { join, resolve } from 'node:path';
import { shellQuoted } from '../../src/common/shell-quoted.js';
import { LabError } from './errors.js';
import type { Lab } from './lab.js';
import { projectFolder } from './project.js';

const names = ['ipvs', 'ipvsadm', 'ipvsadm-save', 'ipvsadm-restore'] as const;
export type OurCommand = (typeof names)[number];

/** The folder of the single executable, if tests should run that instead of the commands that need Node. */
const executable = process.env['IPVS_EXECUTABLE'];

/** Whether tests run the single executable. */
export const testsExecutable = executable !== undefined;

/** The words that start one of our programs as users do. Needs `npm run build`. */
export function ourCommand(name: OurCommand): readonly [string, ...string[]] {
  if (executable !== undefined) return [resolve(projectFolder, executable, name)];
  return [process.execPath, join(projectFolder, 'bin', `${name}.js`)];
}

/** The start of a shell command line for one of our programs. */
export function ourCommandLine(name: OurCommand): string {
  return ourCommand(name).map(shellQuoted).join(' ');
}

/** The folder in the guest that holds our programs, by their names. */
export const ourCommands = '/run/our-commands';

/** Fills {@link ourCommands}, for a PATH or to be mounted over the genuine programs. */
export async function installOurCommands(lab: Lab): Promise<void> {
  const script = names.map((name) => {
    const text = `#!/bin/sh\nexec ${ourCommandLine(name)} "$@"\n`;
    return `printf %s ${shellQuoted(text)} >${ourCommands}/${name}`;
  });
  const { code, stderr } = await lab.run(['sh', '-e'], {
    stdin: [`mkdir -p ${ourCommands}`, ...script, `chmod +x ${ourCommands}/*`].join('\n'),
  });
  if (code !== 0) throw new LabError(`our commands could not be put in place: ${stderr}`);
}
