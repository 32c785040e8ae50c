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
