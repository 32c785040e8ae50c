/** The programs that are compared, as users start them. */
import { join } from 'node:path';
import type { ProgramName } from '../src/ipvsadm/program.js';
import { projectFolder } from '../test/lab/project.js';

/** Debian's. */
export const genuine = ['/sbin/ipvsadm'];

/** Ours, on Node. */
export function ours(program: ProgramName = 'ipvsadm', node = process.execPath): string[] {
  return [node, join(projectFolder, 'bin', `${program}.js`)];
}

/** The command `ipvs`, on Node. */
export function ipvs(): string[] {
  return [process.execPath, join(projectFolder, 'bin', 'ipvs.js')];
}

/** Ours, as users have it from npm, and as the single executable. */
const forms = {
  Node: ours(),
  executable: [join(projectFolder, 'dist/executable', process.arch, 'ipvsadm')],
} as const;
export type Form = keyof typeof forms;
export const formNames = Object.keys(forms) as Form[];
export const { executable } = forms;

/** Makes something for each form of our program, by its name. */
export function eachForm<T>(make: (program: readonly string[], form: Form) => T): Record<Form, T> {
  return { Node: make(forms.Node, 'Node'), executable: make(forms.executable, 'executable') };
}
