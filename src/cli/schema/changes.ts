import type { Definitions, JsonSchema } from '../../state/file/json-schema.js';
import { count, either, listOf, object, oneOf, output, ref, text, yes } from './build.js';

const action = oneOf('add', 'change', 'remove');

/** Steps of the table, of the timeouts and of the sync daemons, each with further keys. */
function steps(keys: Readonly<Record<string, JsonSchema>> = {}): JsonSchema {
  const change = (settings: JsonSchema) => ({ 'from?': settings, 'to?': settings, cuts: count });
  return either(
    object({ action, service: text, ...change(ref('serviceSettings')), ...keys }),
    object({ action, service: text, server: text, ...change(ref('serverSettings')), ...keys }),
    object({ action, setting: oneOf('timeouts'), ...change(ref('timeouts')), ...keys }),
    object({ action, setting: oneOf('syncDaemon'), ...change(ref('syncDaemon')), ...keys }),
  );
}

/** What was done, and what was not. */
export const outcome = {
  changes: listOf(ref('step')),
  failures: listOf(ref('failure')),
  'undone?': listOf(ref('step')),
  'withheld?': listOf(ref('step')),
};

/** What verbs would change, and have changed. */
export const changeDefinitions: Definitions = {
  step: steps(),
  failure: steps({ error: text, code: text }),
  diff: output({ changes: count, cuts: count, steps: listOf(ref('step')) }),
  changes: output(outcome),
  apply: either(
    output({ ...outcome, 'refused?': object({ cuts: count, maxCut: count }), 'interrupted?': yes }),
    ref('diff'),
  ),
  delete: output({ ...outcome, 'servers?': listOf(object({ server: text, cuts: count })) }),
};
