import type { Field, Fields, Rule } from './kinds.js';

/** A schema, or a part of one: JSON Schema 2020-12. */
export type JsonSchema = Readonly<Record<string, unknown>>;
export type Definitions = Readonly<Record<string, JsonSchema>>;

/** The definitions that describe what passes a rule: one for each object that has a name. */
export function definitionsOf(rule: Rule): Definitions {
  const definitions: Record<string, JsonSchema> = {};
  schemaOf(rule, definitions);
  return definitions;
}

function schemaOf(rule: Rule, definitions: Record<string, JsonSchema>): JsonSchema {
  switch (rule.type) {
    case 'integer':
      return { type: 'integer', minimum: rule.min, maximum: rule.max };
    case 'boolean':
      return { type: 'boolean' };
    case 'word':
      return { enum: rule.words };
    case 'text':
      return { type: 'string', ...(rule.form.pattern !== '' && { pattern: rule.form.pattern }) };
    case 'list': {
      const items = schemaOf(rule.item, definitions);
      return { type: 'array', items, ...(rule.min > 0 && { minItems: rule.min }) };
    }
    case 'map':
      return { type: 'object', additionalProperties: schemaOf(rule.item, definitions) };
    case 'either':
      return { anyOf: rule.rules.map((one) => schemaOf(one, definitions)) };
    case 'observed':
      return rule.schema as JsonSchema;
    case 'object':
      return named(rule.name, definitions, () => objectSchema(rule.fields, definitions));
    case 'variants':
      return named(rule.name, definitions, () => ({
        anyOf: Object.entries(rule.types).map(([type, own]) => {
          const fields = { type: typeField(type), ...rule.common, ...own };
          return objectSchema(fields, definitions);
        }),
      }));
  }
}

const typeField = (type: string): Field => ({
  kind: { rule: { type: 'word', words: [type] } },
  summary: 'what is checked',
  isRequired: true,
});

function named(
  name: string,
  definitions: Record<string, JsonSchema>,
  make: () => JsonSchema,
): JsonSchema {
  definitions[name] ??= make();
  return { $ref: `#/$defs/${name}` };
}

function objectSchema(fields: Fields, definitions: Record<string, JsonSchema>): JsonSchema {
  const required = Object.keys(fields).filter((key) => fields[key]?.isRequired === true);
  const properties = Object.entries(fields).map(([key, { kind, summary, initial }]) => [
    key,
    {
      description: summary,
      ...(initial !== undefined && { default: initial }),
      ...schemaOf(kind.rule, definitions),
    },
  ]);
  return {
    type: 'object',
    properties: Object.fromEntries(properties) as JsonSchema,
    ...(required.length > 0 && { required }),
    additionalProperties: false,
  };
}
