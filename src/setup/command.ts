import { shellQuoted } from '../common/shell-quoted.js';
import { sysctlName } from '../host/sysctl.js';
import type { Operation } from '../ipvs/client/operations.js';
import { ruleOf } from '../state/rule-text.js';

/** A change to the machine. Dry runs print it as a line for a shell. */
export type Command =
  | { readonly setting: string; readonly value: string }
  | OperationCommand
  /** `ipvsadm` for timeouts and daemons, which are not in the table. */
  | ProgramCommand;

/** A change of the IPVS table. */
export interface OperationCommand {
  readonly operation: Operation;
}

export interface ProgramCommand {
  readonly program: 'ip' | 'ipvsadm' | 'modprobe';
  readonly words: readonly string[];
}

/** As it would be typed into a shell. */
export function commandLine(command: Command): string {
  return wordsOf(command)
    .map((word) => (/^[\w./:=@%+,[\]-]+$/.test(word) ? word : shellQuoted(word)))
    .join(' ');
}

function wordsOf(command: Command): readonly string[] {
  if ('setting' in command) {
    return ['sysctl', '-w', `${sysctlName(command.setting)}=${command.value}`];
  }
  if ('operation' in command) return ['ipvsadm', ...ruleOf(command.operation).split(' ')];
  return [command.program, ...command.words];
}
