/** What `ip -json` prints, as far as it can be counted on: an array of objects whose values may be anything. */
export type JsonRecord = Readonly<Record<string, unknown>>;

/** The objects of an array in JSON; none when the text is something else, as the empty text that `ip` prints for nothing. */
export function recordsIn(text: string): readonly JsonRecord[] {
  return text.trim() === '' ? [] : recordsOf(JSON.parse(text));
}

/** The objects of a value that should be an array of them. */
export function recordsOf(value: unknown): readonly JsonRecord[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

/** The object that a text is in JSON. @returns undefined when it is damaged, or something else. */
export function jsonObjectIn(text: string): JsonRecord | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

export function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

export function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}

/**
 * A value as indented JSON, as JSON.stringify writes it, except that a bigint becomes a number of full length: counters
 * above 2⁵³ stay exact.
 */
export function jsonText(value: unknown, indent = ''): string {
  if (typeof value === 'bigint') return value.toString();
  if (value === undefined) return 'null';
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (hasOwnJson(value)) return jsonText(value.toJSON(), indent);
  const inner = `${indent}  `;
  const enclosed = (open: string, items: readonly string[], close: string) =>
    items.length === 0
      ? open + close
      : `${open}\n${items.map((item) => inner + item).join(',\n')}\n${indent}${close}`;
  if (Array.isArray(value)) {
    return enclosed(
      '[',
      value.map((item) => jsonText(item, inner)),
      ']',
    );
  }
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  const items = entries.map(([key, item]) => `${JSON.stringify(key)}: ${jsonText(item, inner)}`);
  return enclosed('{', items, '}');
}

function hasOwnJson(value: object): value is { toJSON(): unknown } {
  return 'toJSON' in value && typeof value.toJSON === 'function';
}

/**
 * A value as JSON in one line. A bigint becomes a number of full length.
 */
export function jsonLine(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    // It knows no bigint. There are few: only counters above 2⁵³ need one.
    if (!(error instanceof TypeError)) throw error;
    return exactJson(value);
  }
}

function exactJson(value: unknown): string {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  if (hasOwnJson(value)) return exactJson(value.toJSON());
  if (Array.isArray(value)) return `[${value.map(exactJson).join(',')}]`;
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${exactJson(item)}`).join(',')}}`;
}
