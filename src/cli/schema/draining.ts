import type { Definitions } from '../../state/file/json-schema.js';
import { amount, called, count, either, line, listOf, object, output, ref } from './build.js';
import { text, yes, yesNo } from './build.js';
import { outcome } from './changes.js';

const end = {
  ...outcome,
  servers: listOf(ref('drainedServer')),
  'warnings?': listOf(ref('drainWarning')),
  'interrupted?': yes,
};

/** How far real servers are that are drained. */
export const drainDefinitions: Definitions = {
  drainedServer: object({
    service: text,
    server: text,
    drained: yesNo,
    'gone?': yes,
    'weight?': count,
    connections: ref('connectionCounts'),
  }),
  drainWarning: object({ service: text, server: text, reason: text, message: text }),
  drain: output(end),
  drainLine: either(
    line(called('progress'), { elapsedSeconds: amount, servers: listOf(ref('drainedServer')) }),
    line(called('result'), end),
  ),
};
