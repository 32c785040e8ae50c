import { shellQuoted } from '../common/shell-quoted.js';
import { sysctlName } from '../host/sysctl.js';

/** What there is of something, as lines of text that are equal for equal things. No line: it is not there. */
export type State = readonly string[];

export const STEP_KINDS = [
  'module',
  'setting',
  'link',
  'address',
  'route',
  'timeouts',
  'daemon',
  'service',
] as const;
export type StepKind = (typeof STEP_KINDS)[number];

/** Something that a set-up wants of the machine, as data: what kept for `down` is this. */
export interface Step {
  readonly kind: StepKind;
  /** Which of its kind: a setting's path, an address with its interface, a service. */
  readonly name: string;
  readonly wanted: State;
  /** Of a setting: other values that do as well. */
  readonly also?: readonly string[];
}

/** Something that `up` has changed, or was about to change. */
export interface Recorded {
  readonly step: Step;
  /** What was there at first. */
  readonly found: State;
  /** What `up` has made of it. */
  readonly set: State;
}

/** What changes something. Dry runs show it as a line for a shell. */
export type Command =
  | { readonly setting: string; readonly value: string }
  | { readonly program: 'ip' | 'ipvsadm' | 'modprobe'; readonly words: readonly string[] };

/** As one would type it. */
export function commandLine(command: Command): string {
  const words =
    'setting' in command
      ? ['sysctl', '-w', `${sysctlName(command.setting)}=${command.value}`]
      : [command.program, ...command.words];
  return words
    .map((word) => (/^[\w./:=@%+,[\]-]+$/.test(word) ? word : shellQuoted(word)))
    .join(' ');
}

export function isSame(one: State, other: State): boolean {
  return one.length === other.length && one.every((line, index) => line === other[index]);
}

/** Text that is equal for steps about the same thing. */
export function keyOfStep({ kind, name }: Step): string {
  return `${kind} ${name}`;
}

export type RecordsByStep = ReadonlyMap<string, Recorded>;

export function byStep(records: readonly Recorded[]): RecordsByStep {
  return new Map(records.map((record) => [keyOfStep(record.step), record]));
}
