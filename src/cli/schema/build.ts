import type { JsonSchema } from '../../state/file/json-schema.js';
import { SCHEMA_VERSION } from '../verb.js';

/** Short forms of what definitions consist of. */

export const ref = (name: string): JsonSchema => ({ $ref: `#/$defs/${name}` });
export const text: JsonSchema = { type: 'string' };
export const count: JsonSchema = { type: 'integer', minimum: 0 };
/** A number that may have a fraction. */
export const amount: JsonSchema = { type: 'number', minimum: 0 };
export const moment: JsonSchema = { type: 'string', pattern: '^\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z$' };
export const yesNo: JsonSchema = { type: 'boolean' };
/** Of a key that is there only when it is so. */
export const yes: JsonSchema = { const: true };
export const listOf = (items: JsonSchema): JsonSchema => ({ type: 'array', items });
export const oneOf = (...words: readonly string[]): JsonSchema => ({ enum: words });
export const either = (...schemas: readonly JsonSchema[]): JsonSchema => ({ anyOf: schemas });

type Keys = Readonly<Record<string, JsonSchema>>;

/** An object with these keys and no others. A key that may be missing has `?` at its end. */
export function object(keys: Keys): JsonSchema {
  const names = Object.keys(keys);
  const properties = Object.entries(keys).map(([key, schema]) => [key.replace(/\?$/, ''), schema]);
  return {
    type: 'object',
    properties: Object.fromEntries(properties) as JsonSchema,
    required: names.filter((key) => !key.endsWith('?')),
    additionalProperties: false,
  };
}

/** What `-o json` prints: an object with the version of the schema. */
export const output = (keys: Keys): JsonSchema =>
  object({ schemaVersion: { const: SCHEMA_VERSION }, ...keys });

/** What `-o ndjson` prints: an object a line, which says what it is. */
export const line = (type: JsonSchema, keys: Keys): JsonSchema => object({ type, ...keys });

export const called = (type: string): JsonSchema => ({ const: type });
