/** Checks of what callers without a compiler may hand in: each names the field. */

/** The number of a name. @throws RangeError when the table has no such name. */
export function numberOf<T extends string | number>(
  table: Readonly<Record<T, number>>,
  name: T,
  field: string,
): number {
  if (Object.hasOwn(table, name)) return table[name];
  throw new RangeError(`${field}: ${shown(name)} is not one of ${Object.keys(table).join(', ')}`);
}

/** @throws TypeError when the value is no number; its range is checked where it is written. */
export function checkNumber(value: unknown, field: string): void {
  if (typeof value !== 'number') throw new TypeError(`${field}: ${shown(value)} is not a number`);
}

/** @throws TypeError when the value is no text. */
export function checkText(value: unknown, field: string): void {
  if (typeof value !== 'string') throw new TypeError(`${field}: ${shown(value)} is not a string`);
}

/** @throws TypeError when the value is neither true nor false. */
export function checkBoolean(value: unknown, field: string): void {
  if (typeof value !== 'boolean') throw new TypeError(`${field}: ${shown(value)} is not a boolean`);
}

/** @throws TypeError when the value is no object. */
export function checkObject(value: unknown, field: string): void {
  if (typeof value !== 'object' || value === null) {
    throw new TypeError(`${field}: ${shown(value)} is not an object`);
  }
}

/** @throws TypeError when the value is no array. */
export function checkArray(value: unknown, field: string): void {
  if (!Array.isArray(value)) throw new TypeError(`${field}: ${shown(value)} is not an array`);
}

/** A value as a message shows it. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}
