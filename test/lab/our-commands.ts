import { join } from 'node:path';
import { LabError } from './errors.js';
import type { Lab } from './lab.js';
import { projectFolder } from './project.js';

/** The folder in the guest that holds our programs, by their names. Needs `npm run build`. */
export const ourCommands = '/run/our-commands';

/** Fills {@link ourCommands}, for a PATH or to be mounted over the genuine programs. */
export async function installOurCommands(lab: Lab): Promise<void> {
  const script = ['ipvs', 'ipvsadm', 'ipvsadm-save', 'ipvsadm-restore'].map((name) => {
    const command = `'${process.execPath}' '${join(projectFolder, 'bin', `${name}.js`)}'`;
    return `printf '#!/bin/sh\\nexec %s "$@"\\n' "${command}" >${ourCommands}/${name}`;
  });
  const { code, stderr } = await lab.run(['sh', '-e'], {
    stdin: [`mkdir -p ${ourCommands}`, ...script, `chmod +x ${ourCommands}/*`].join('\n'),
  });
  if (code !== 0) throw new LabError(`our commands could not be put in place: ${stderr}`);
}
