import type { Path } from './check.js';

/** Where things stand in a text that JSON.parse has accepted. */

/** Called with each key and each value of a text, in their order. */
interface Visitor {
  /** @returns whether what is below is of interest. */
  value(path: Path, offset: number): boolean;
  key(path: Path, offset: number, isRepeated: boolean): void;
}

/** A key that stands in an object for the second time. */
export interface RepeatedKey {
  readonly path: Path;
  readonly key: string;
  readonly offset: number;
}

/** Keys that are repeated; JSON.parse takes the last one without a word. */
export function repeatedKeys(text: string): readonly RepeatedKey[] {
  const repeated: RepeatedKey[] = [];
  walk(text, {
    value: () => true,
    key: (path, offset, isRepeated) => {
      if (isRepeated) repeated.push({ path: [...path], key: String(path.at(-1)), offset });
    },
  });
  return repeated;
}

/** The offset of a key or of a value: of its nearest parent where it is not there itself. */
export function offsetIn(text: string, wanted: Path, at: 'key' | 'value'): number {
  let best = 0;
  let depth = -1;
  const note = (path: Path, offset: number) => {
    // Of a key that is repeated the last one counts.
    if (path.length < depth) return;
    depth = path.length;
    best = offset;
  };
  const isOnTheWay = (path: Path) =>
    path.length <= wanted.length && path.every((one, index) => one === wanted[index]);
  walk(text, {
    value: (path, offset) => {
      if (!isOnTheWay(path)) return false;
      if (at === 'value' || path.length < wanted.length) note(path, offset);
      return true;
    },
    key: (path, offset) => {
      if (at === 'key' && path.length === wanted.length && isOnTheWay(path)) note(path, offset);
    },
  });
  return best;
}

interface Frame {
  readonly isObject: boolean;
  readonly keys: Set<string>;
  index: number;
}

const AFTER_SCALAR = ',}]\n \t\r';
const BLANK = ' \n,:\t\r';

/** Goes through a text without recursion, however deep it is nested. */
function walk(text: string, visitor: Visitor): void {
  const frames: Frame[] = [];
  const path: (string | number)[] = [];
  let at = 0;
  let awaitsKey = false;
  const begin = (): boolean => {
    const top = frames.at(-1);
    if (top !== undefined && !top.isObject) {
      path.pop();
      path.push(top.index);
      top.index += 1;
    }
    return visitor.value(path, at);
  };
  while (at < text.length) {
    const character = text[at] ?? '';
    const top = frames.at(-1);
    if (BLANK.includes(character)) {
      if (character === ',' && top?.isObject === true) awaitsKey = true;
      at += 1;
    } else if (character === '{' || character === '[') {
      if (begin()) {
        frames.push({ isObject: character === '{', keys: new Set(), index: 0 });
        path.push('');
        awaitsKey = character === '{';
        at += 1;
      } else at = endOfValue(text, at);
    } else if (character === '}' || character === ']') {
      frames.pop();
      path.pop();
      awaitsKey = false;
      at += 1;
    } else if (character === '"' && awaitsKey && top !== undefined) {
      const end = endOfString(text, at);
      const inner = text.slice(at + 1, end - 1);
      const key = inner.includes('\\') ? (JSON.parse(`"${inner}"`) as string) : inner;
      path[path.length - 1] = key;
      visitor.key(path, at, top.keys.has(key));
      top.keys.add(key);
      awaitsKey = false;
      at = end;
    } else {
      begin();
      at = endOfScalar(text, at);
    }
  }
}

function endOfString(text: string, start: number): number {
  for (let at = start + 1; ; at += 1) {
    const end = text.indexOf('"', at);
    if (end === -1) return text.length;
    let backslashes = 0;
    while (text[end - 1 - backslashes] === '\\') backslashes += 1;
    if (backslashes % 2 === 0) return end + 1;
    at = end;
  }
}

function endOfScalar(text: string, start: number): number {
  if (text[start] === '"') return endOfString(text, start);
  let at = start;
  while (at < text.length && !AFTER_SCALAR.includes(text[at] ?? '')) at += 1;
  return at;
}

/** The end of an object or a list. */
function endOfValue(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at += 1) {
    const character = text[at];
    if (character === '"') at = endOfString(text, at) - 1;
    else if (character === '{' || character === '[') depth += 1;
    else if (character === '}' || character === ']') {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return text.length;
}
