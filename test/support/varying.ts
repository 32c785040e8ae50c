/** What is another each time in what our commands print: how long ago something was, times, process numbers, event numbers. */

/** Patterns that sed and JavaScript understand alike, with what stands in the place of a match. */
const VARYING: readonly (readonly [pattern: string, text: string])[] = [
  ['PID [0-9]+, for [0-9]+[smhd],', 'PID N, for AGE,'],
  // A column to the right: its width stays.
  ['( [0-9]|[0-9][0-9])[smhd]( |$)', 'AGE\\2'],
  ['^[0-9-]+T[0-9:.]+Z +[0-9]+ ', 'TIME N '],
];

/** A program for `sed -E`. */
export const maskingProgram = VARYING.map(([pattern, text]) => `s/${pattern}/${text}/g`).join('; ');

/** The text with the same words where something varies. */
export function masked(text: string): string {
  return VARYING.reduce(
    (rest, [pattern, word]) =>
      rest.replaceAll(new RegExp(pattern, 'gm'), word.replaceAll(/\\(\d)/g, '$$$1')),
    text,
  );
}
