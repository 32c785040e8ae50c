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

/** Null where nothing is known. */
const history = listOf(either(amount, { type: 'null' }));

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
  trafficHistory: object({
    connectionsPerSecond: history,
    incomingBytesPerSecond: history,
    outgoingBytesPerSecond: history,
  }),
  serverTraffic: object({
    server: text,
    weight: count,
    connections: ref('connectionCounts'),
    rates: ref('rates'),
  }),
  serviceTraffic: object({
    service: text,
    connections: ref('connectionCounts'),
    rates: ref('rates'),
    'history?': ref('trafficHistory'),
    'servers?': listOf(ref('serverTraffic')),
  }),
  traffic: output({
    'time?': moment,
    intervalSeconds: count,
    total: object({ rates: ref('rates'), history: ref('trafficHistory') }),
    services: listOf(ref('serviceTraffic')),
  }),
  event,
  events: output({ events: listOf(ref('event')) }),
  reload: output({ configValid: yesNo, 'problem?': text }),
  maintenance: either(
    output({ maintenance: oneOf('on'), ...targets, 'reason?': text }),
    output({ maintenance: oneOf('off'), ...targets }),
  ),
};
