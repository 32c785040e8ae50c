import type { WantedService } from '../state/table.js';

/** The state of a thing, as lines of text: equal lines for equal states, and none for a thing that does not exist. */
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

/** One thing that set-up requires of the machine, as text: this is what the journal keeps for `down`. */
export interface RecordedStep {
  readonly kind: StepKind;
  /** Identifies it among its kind: a sysctl's path, an address with its interface, a service. */
  readonly name: string;
  readonly wanted: State;
  /** Of a sysctl: other values that are accepted too. */
  readonly also?: readonly string[];
}

/** A virtual service as a step. */
export interface ServiceStep extends RecordedStep {
  readonly kind: 'service';
  readonly service: WantedService;
}

/** A step whose state is lines. */
export interface LineStep extends RecordedStep {
  readonly kind: Exclude<StepKind, 'service'>;
}

/** One thing that set-up requires of the machine. */
export type Step = LineStep | ServiceStep;

/** Something that `up` has changed, or was about to change. */
export interface Recorded {
  readonly step: RecordedStep;
  /** Its state before `up`. */
  readonly original: State;
  /** The state that `up` gave it. */
  readonly applied: State;
}

export function isSame(one: State, other: State): boolean {
  return one.length === other.length && one.every((line, index) => line === other[index]);
}

/** Text that is equal for steps about the same thing. */
export function keyOfStep({ kind, name }: RecordedStep): string {
  return `${kind} ${name}`;
}

export type RecordsByStep = ReadonlyMap<string, Recorded>;

export function byStep(records: readonly Recorded[]): RecordsByStep {
  return new Map(records.map((record) => [keyOfStep(record.step), record]));
}
