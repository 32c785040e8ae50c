import type { Definitions } from '../../state/file/json-schema.js';
import { listOf, object, oneOf, output, text, yesNo } from './build.js';

const role = oneOf('director', 'realserver');

/** Of `director` and `realserver`. Values are those of sysctls, addresses, services: what a step is about. */
export const setUpDefinitions: Definitions = {
  setUp: output({
    role,
    changed: listOf(object({ kind: text, name: text, 'from?': {}, 'to?': {} })),
    left: listOf(text),
    failures: listOf(text),
    'commands?': listOf(text),
  }),
  setUpStatus: output({
    role,
    running: yesNo,
    steps: listOf(
      object({ kind: text, name: text, right: yesNo, 'wanted?': {}, 'now?': {}, 'note?': text }),
    ),
  }),
};
