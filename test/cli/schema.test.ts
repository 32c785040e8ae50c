import { expect, test } from 'vitest';
import { definitionSets } from '../../src/cli/schema/document.js';
import { schemaErrors } from '../support/schema.js';

test('every definition has a name of its own', () => {
  const names = definitionSets.flatMap(Object.keys);
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});

test.each(definitionSets.flatMap(Object.keys))('the definition %s is a valid schema', (name) => {
  expect(() => schemaErrors(name, {})).not.toThrow();
});
