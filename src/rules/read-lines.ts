/** The longest line that is kept whole: no rule and no connection comes near. */
export const LONGEST_LINE = 64 * 1024;

/**
 * Splits text that arrives in pieces into its lines, without their ends; a last line without an end counts. Each piece
 * gives the lines that it completes: one step for thousands of them. A CR before the LF stays, and bytes that are no
 * UTF-8 become U+FFFD. Of a line longer than {@link LONGEST_LINE} characters only one more than that is kept.
 */
export async function* readLines(
  pieces: AsyncIterable<Uint8Array>,
): AsyncGenerator<readonly string[], void, undefined> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const piece of pieces) {
    const lines = decoder.decode(piece, { stream: true }).split('\n');
    lines[0] = cut(rest + (lines[0] ?? ''));
    rest = lines.pop() ?? '';
    if (lines.length > 0) yield lines;
  }
  rest += decoder.decode();
  if (rest !== '') yield [rest];
}

function cut(line: string): string {
  return line.length > LONGEST_LINE ? line.slice(0, LONGEST_LINE + 1) : line;
}
