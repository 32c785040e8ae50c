import { defineVerb } from '../verb.js';

export const schema = defineVerb({
  path: ['schema'],
  summary: 'print the JSON Schema of state files and of all JSON that the verbs print',
  options: {},
  examples: [['ipvs schema > ipvs-schema.json', 'for an editor, or to validate files elsewhere']],
  action: async () => (await import('../actions/schema.js')).schema,
});
