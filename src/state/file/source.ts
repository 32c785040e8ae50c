import type { Path } from './check.js';
import type { Position } from './position.js';

/** A text that has been read as a value, of which nothing is known yet. */
export interface Source {
  readonly value: unknown;
  /** What is wrong with the text as such; then its value is of no use. */
  readonly problems: readonly SourceProblem[];
  /** Where a value is, or its key; where its nearest parent is when it is not there itself. */
  positionOf(path: Path, at: 'key' | 'value'): Position;
}

export interface SourceProblem {
  readonly position: Position | undefined;
  readonly message: string;
}
