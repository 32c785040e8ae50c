// Text as the manual's macros want it.

/** Hyphens that are typed, and may be copied. */
export const escape = (word) => word.replaceAll('-', '\\-');

/** A line of text: no word of it is a macro or an escape; options keep the hyphens that are typed. */
export const lineOf = (text) =>
  text
    .replaceAll('\\', '\\e')
    .replace(/^[.']/, '\\&$&')
    .replaceAll(/(?<!\w)-(?=\w)/g, '\\-');

/** Sources of manuals have lines of at most 80 characters. A macro and its arguments stay on theirs. */
export function wrap(line) {
  if (line.startsWith('.')) return [line];
  return line
    .match(/.{1,80}(?= |$)/g)
    .map((part, index) => (index === 0 ? part : part.trimStart()));
}

/** What is typed keeps its small letters, also where a sentence begins. */
const TYPED = /^(?:ipip|gue|gre)\b/;
export const sentence = (text) => {
  const begun = TYPED.test(text) ? text : `${text[0].toUpperCase()}${text.slice(1)}`;
  return begun.endsWith('...') ? begun : `${begun}.`;
};
