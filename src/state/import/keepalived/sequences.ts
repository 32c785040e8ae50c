/** Values of variables, for one repetition of a line. */
export type Bindings = readonly (readonly [name: string, value: string])[];

/** A line that is repeated: `~SEQ(NAME, 1, 3) text`, `~LST(NAME, a, b) text`. */
export interface Repetition {
  readonly bindings: Iterable<Bindings>;
  /** What is repeated. */
  readonly text: string;
}

const SEQUENCE = /^~SEQ(x?)\s*\(\s*([^\s,()]+)\s*,([^()]*)\)\s*(.*)$/s;
const LIST = /^~LST\s*\(([^()]*)\)\s*(.*)$/s;
const MOST_VALUES = 100_000;

/** Whether a line is one to be repeated. */
export function isRepetition(text: string): boolean {
  return text.startsWith('~SEQ') || text.startsWith('~LST');
}

/**
 * Reads a line that is repeated.
 * @param replace puts the values of definitions in place of their names.
 * @returns undefined when it is not understood.
 */
export function readRepetition(
  line: string,
  replace: (text: string) => string,
): Repetition | undefined {
  const sequence = SEQUENCE.exec(line);
  if (sequence !== null) {
    const [, hex, name = '', values = '', text = ''] = sequence;
    const bindings = sequenceOf(name, replace(values), hex === 'x');
    return bindings && { bindings, text };
  }
  const [, list, text = ''] = LIST.exec(line) ?? [];
  const bindings = list === undefined ? undefined : listOf(list);
  return bindings && { bindings, text };
}

/** Numbers as C reads them: decimal, 0x…, or octal with a leading 0. */
function readNumber(text: string): number {
  const word = text.trim();
  const [, sign, digits = ''] = /^([-+]?)(0[xX][\da-fA-F]{1,8}|\d{1,10})$/.exec(word) ?? [];
  const value = /^0\d/.test(digits) ? Number.parseInt(digits, 8) : Number(digits || Number.NaN);
  return sign === '-' ? -value : value;
}

function sequenceOf(name: string, values: string, isHex: boolean): Iterable<Bindings> | undefined {
  const numbers = values.split(',').map(readNumber);
  const [one = Number.NaN, two, three] = numbers;
  if (numbers.length > 3 || numbers.some(Number.isNaN)) return undefined;
  // With one number it is the last, with two the first and the last; between two of three stands the step.
  const last = three ?? two ?? one;
  const first = two === undefined ? (one < 0 ? -1 : 1) : one;
  const direction = first <= last ? 1 : -1;
  const step = three === undefined ? direction : (two ?? direction);
  if (step === 0 || (first !== last && Math.sign(step) !== direction)) return undefined;
  if (Math.abs((last - first) / step) > MOST_VALUES) return undefined;
  if (isHex && (first < 0 || last < 0)) return undefined;
  return counting(name, { first, last, step, radix: isHex ? 16 : 10 });
}

interface Counter {
  readonly first: number;
  readonly last: number;
  readonly step: number;
  readonly radix: number;
}

function* counting(name: string, { first, last, step, radix }: Counter): Generator<Bindings> {
  for (let value = first; step > 0 ? value <= last : value >= last; value += step) {
    yield [[name, value.toString(radix)]];
  }
}

/** `NAME, a, b`, or `{NAME, OTHER}, {a, b}, {c, d}`. */
function listOf(list: string): Iterable<Bindings> | undefined {
  const [names, ...rows] = Array.from(list.matchAll(/\{([^{}]*)\}|[^\s,{}]+/g), ([word, inner]) =>
    (inner ?? word).split(',').map((part) => part.trim()),
  );
  if (names === undefined || rows.length === 0 || names.includes('')) return undefined;
  if (rows.some((row) => row.length !== names.length)) return undefined;
  return rows.map((row) => names.map((name, index) => [name, row[index] ?? ''] as const));
}
