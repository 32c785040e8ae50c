import type { Definitions } from '../../state/file/json-schema.js';
import { called, count, either, line, listOf, object, output, ref, text, yes } from './build.js';

const connection = {
  protocol: text,
  client: text,
  service: text,
  server: text,
  state: text,
  expiresInSeconds: count,
  'template?': yes,
};

/** One for each of what connections can be counted by. */
const groups = [
  { client: text },
  { protocol: text, service: text },
  { server: text },
  { state: text },
].map((group) => ({ ...group, count }));

export const connectionDefinitions: Definitions = {
  connection: object(connection),
  connectionCount: either(...groups.map(object)),
  connections: either(
    output({ connections: listOf(ref('connection')) }),
    output({ count }),
    output({ count, counts: listOf(ref('connectionCount')) }),
  ),
  connectionLine: either(
    line(called('connection'), connection),
    line(called('count'), { count }),
    ...groups.map((group) => line(called('count'), group)),
  ),
};
