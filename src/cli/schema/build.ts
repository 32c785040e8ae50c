import type { JsonSchema } from '../../state/file/json-schema.js';
import { SCHEMA_VERSION } from '../verb.js';

/** Short forms of what definitions consist of. */

export const ref = (name: string): JsonSchema => ({ $ref: `#/$defs/${name}` });
export const text: JsonSchema = { type: 'string' };
export const count: JsonSchema = { type: 'integer', minimum: 0 };
export const yesNo: JsonSchema = { type: 'boolean' };
export const listOf = (items: JsonSchema): JsonSchema => ({ type: 'array', items });
export const oneOf = (...words: readonly string[]): JsonSchema => ({ enum: words });

/** An object with these keys and no others. A key that may be missing has `?` at its end. */
export function object(keys: Readonly<Record<string, JsonSchema>>): JsonSchema {
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
export function output(keys: Readonly<Record<string, JsonSchema>>): JsonSchema {
  return object({ schemaVersion: { const: SCHEMA_VERSION }, ...keys });
}
