import type { PortNames } from '../selection.js';
import type { Path } from './check.js';
import type { DesiredState, StateProblem } from './desired.js';

/** How a state file is to be read. */
export interface ParseStateOptions {
  /** What it is called in what is said of it. Default: `state`. */
  readonly file?: string | undefined;
  /** Looks up the number of a port's name. Default: none, so that a name is an error. */
  readonly ports?: PortNames | undefined;
}

/** The state of one file, and where in it things stand. */
export interface ParsedState {
  readonly file: string;
  readonly state: DesiredState;
  /** Where the value of a path stands: `services`, 0, `name`. */
  placeOf(path: Path): Pick<StateProblem, 'line' | 'column'>;
}
