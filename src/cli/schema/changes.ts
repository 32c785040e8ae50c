import type { Definitions } from '../../state/file/json-schema.js';
import { count, listOf, object, oneOf, output, ref, text } from './build.js';

const settings = { anyOf: [ref('serviceSettings'), ref('serverSettings')] };

const step = {
  action: oneOf('add', 'change', 'remove'),
  service: text,
  'server?': text,
  'from?': settings,
  'to?': settings,
};

/** What verbs would change, and have changed. */
export const changeDefinitions: Definitions = {
  step: object({ ...step, 'cuts?': count }),
  diff: output({ changes: count, cuts: count, steps: listOf(ref('step')) }),
  changes: output({ changes: listOf({ type: 'object' }), failures: listOf({}) }),
};
