import { jsonText } from '../../common/json.js';
import type { JsonSchema } from '../../state/file/json-schema.js';
import { exitStatus } from '../../terminal/exit-status.js';
import { schemaDocument } from '../schema/document.js';
import type { VerbAction } from '../verb.js';

export const schema: VerbAction<unknown, JsonSchema> = {
  run: () => Promise.resolve(schemaDocument()),
  status: () => exitStatus.done,
  render: { text: (document, { output }) => output.line(jsonText(document)) },
};
