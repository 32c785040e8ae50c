/**
 * Splits text that arrives in pieces into its lines, without their ends; a last line without an end counts. Each piece
 * gives the lines that it completes: one step for thousands of them. A CR before the LF stays, and bytes that are no
 * UTF-8 become U+FFFD.
 */
export async function* readLines(
  pieces: AsyncIterable<Uint8Array>,
): AsyncGenerator<readonly string[], void, undefined> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const piece of pieces) {
    const text = rest + decoder.decode(piece, { stream: true });
    const lines = text.split('\n');
    rest = lines.pop() ?? '';
    if (lines.length > 0) yield lines;
  }
  rest += decoder.decode();
  if (rest !== '') yield [rest];
}
