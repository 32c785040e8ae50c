import type { Definitions, JsonSchema } from '../../state/file/json-schema.js';
import { amount, count, either, listOf, moment, object, oneOf, output, ref } from './build.js';
import { text, yesNo } from './build.js';

const targets = { servers: listOf(text), 'services?': listOf(text) };

const eventTypes = ['server', 'service', 'config', 'drift', 'drain', 'maintenance', 'agent'];
const event: JsonSchema = object({
  type: oneOf(...eventTypes),
  seq: count,
  time: moment,
  severity: oneOf('info', 'warning', 'error'),
  'service?': text,
  'server?': text,
  'from?': text,
  'to?': text,
  'reason?': text,
});

/** What the agent knows, as its socket and the verbs that ask it print it. */
export const agentDefinitions: Definitions = {
  checkStatus: object({
    type: text,
    passing: yesNo,
    'reason?': text,
    'at?': moment,
    'durationMs?': amount,
  }),
  serverStatus: object({
    server: text,
    state: oneOf('starting', 'up', 'down', 'draining', 'maintenance'),
    since: moment,
    'reason?': text,
    wantedWeight: count,
    weight: count,
    checks: listOf(ref('checkStatus')),
  }),
  serviceStatus: object({
    service: text,
    'name?': text,
    state: oneOf('ok', 'degraded', 'sorry', 'fail-open', 'down'),
    since: moment,
    up: count,
    quorum: count,
    quorumMet: yesNo,
    servers: listOf(ref('serverStatus')),
  }),
  agentStatus: output({
    agent: object({
      version: text,
      pid: count,
      since: moment,
      configFile: text,
      configValid: yesNo,
      'problem?': text,
    }),
    services: listOf(ref('serviceStatus')),
  }),
  event,
  events: output({ events: listOf(ref('event')) }),
  reload: output({ configValid: yesNo, 'problem?': text }),
  maintenance: either(
    output({ maintenance: oneOf('on'), ...targets, 'reason?': text }),
    output({ maintenance: oneOf('off'), ...targets }),
  ),
};
