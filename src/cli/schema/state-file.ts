import { stateFile } from '../../state/file/fields.js';
import { definitionsOf } from '../../state/file/json-schema.js';
import type { Definitions } from '../../state/file/json-schema.js';

export const stateFileDefinitions: Definitions = definitionsOf(stateFile.rule);
