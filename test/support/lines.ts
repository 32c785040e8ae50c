/** A command line for both programs, in namespaces whose tables are alike. */
export interface Case {
  readonly words: readonly string[];
  readonly stdin?: string;
  readonly program?: 'ipvsadm' | 'ipvsadm-save' | 'ipvsadm-restore';
}

/** Command lines from a text, one per line; words are divided by blanks, and `''` is an empty one. */
export function lines(text: string): Case[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => ({ words: line.split(/ +/).map((word) => (word === "''" ? '' : word)) }));
}

/** The same from texts of one line or of several. */
export function linesOf(texts: readonly string[]): Case[] {
  return lines(texts.join('\n'));
}
