import type { NameCache } from './names.js';
import { parse } from './parse.js';
import type { Parsed } from './parse.js';

/** Reads a command line, looking up the host names in it. */
export async function resolveAndParse(
  words: readonly string[],
  names: NameCache,
): Promise<Exclude<Parsed, { kind: 'lookup' }>> {
  for (;;) {
    const parsed = parse(words, names);
    if (parsed.kind !== 'lookup') return parsed;
    // Each look-up settles one more name of the line: it ends.
    await names.lookUpHost(parsed.host, parsed.family);
  }
}
