/** Patterns of file names, as a shell has them: `*`, `?`, `[a-z]`, `{one,two}`. */

const MOST_ALTERNATIVES = 1000;

/** The patterns that one with braces stands for; without braces it is the only one. At most a thousand. */
export function withoutBraces(pattern: string): readonly string[] {
  const done: string[] = [];
  const queue = [pattern];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const braces = innermostBraces(next);
    if (braces === undefined) done.unshift(next);
    else {
      const { before, alternatives, after } = braces;
      queue.push(...alternatives.map((one) => before + one + after));
    }
    if (queue.length + done.length > MOST_ALTERNATIVES) break;
  }
  return [...new Set(done)];
}

function innermostBraces(pattern: string) {
  const found = /^(.*?)\{([^{}]*)\}(.*)$/s.exec(pattern);
  if (found === null) return undefined;
  const [, before = '', inner = '', after = ''] = found;
  return { before, alternatives: inner.split(','), after };
}

/** Whether a part of a path is a pattern. */
export function isPattern(part: string): boolean {
  return /[*?[]/.test(part);
}

/** Whether a file's name matches a pattern without braces. Names that begin with a dot want one that does. */
export function matches(name: string, pattern: string): boolean {
  if (name.startsWith('.') && !pattern.startsWith('.')) return false;
  const tokens = pattern.match(/\[!?\]?[^\]]*\]|./gsu) ?? [];
  const characters = Array.from(name);
  let [token, at] = [0, 0];
  /** Where the last star stands, and what it has taken: instead of trying all ways, only that one grows. */
  let [star, taken] = [-1, 0];
  while (at < characters.length) {
    if (tokens[token] === '*') {
      [star, taken] = [token, at];
      token += 1;
    } else if (token < tokens.length && fits(characters[at] ?? '', tokens[token] ?? '')) {
      token += 1;
      at += 1;
    } else if (star === -1) return false;
    else {
      taken += 1;
      [token, at] = [star + 1, taken];
    }
  }
  return tokens.slice(token).every((one) => one === '*');
}

function fits(character: string, token: string): boolean {
  if (token === '?') return true;
  if (token.length === 1 || !token.startsWith('[')) return character === token;
  const isInverted = token.startsWith('[!');
  const ranges = token.slice(isInverted ? 2 : 1, -1).matchAll(/(.)(?:-(.))?/gsu);
  const isIn = Array.from(ranges).some(
    ([, first = '', last = first]) => character >= first && character <= last,
  );
  return isIn !== isInverted;
}
