import { orInitial } from '../../state/file/kinds.js';
import type { Field } from '../../state/file/kinds.js';
import { parseDuration } from '../../state/file/text-forms.js';

/** The milliseconds of a time, or of what counts where it is left out. */
export function millisecondsOf(field: Field<string>, value: string | undefined): number {
  const text = orInitial(field, value);
  const milliseconds = parseDuration(text);
  if (milliseconds === undefined) throw new RangeError(`not a time: ${text}`);
  return milliseconds;
}

/** The number of a share: 50 of `50%`. */
export const percentOf = (text: string): number => Number.parseInt(text, 10);
