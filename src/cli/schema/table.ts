import type { Definitions } from '../../state/file/json-schema.js';
import { count, listOf, object, oneOf, output, ref, text } from './build.js';

const counters = {
  connections: count,
  incomingPackets: count,
  outgoingPackets: count,
  incomingBytes: count,
  outgoingBytes: count,
};

const perSecond = Object.fromEntries(
  Object.entries(counters).map(([key, schema]) => [`${key}PerSecond`, schema]),
);

const serviceSettings = {
  scheduler: text,
  'schedulerFlags?': listOf(text),
  'persistence?': ref('persistence'),
  'onePacket?': { const: true },
};

const serverSettings = {
  method: oneOf('nat', 'dr', 'tun', 'local', 'bypass'),
  weight: count,
  'upperThreshold?': count,
  'lowerThreshold?': count,
  'tunnel?': object({
    type: oneOf('ipip', 'gue', 'gre', 'unknown'),
    port: count,
    checksum: oneOf('none', 'full', 'remote'),
  }),
};

/** The table, and what is known of it. */
export const tableDefinitions: Definitions = {
  counters: object(counters),
  rates: object(perSecond),
  connectionCounts: object({ active: count, inactive: count, persistent: count }),
  overloaded: { const: true },
  serviceSettings: object(serviceSettings),
  serverSettings: object(serverSettings),
  service: object({
    service: text,
    'name?': text,
    ...serviceSettings,
    'statistics?': ref('counters'),
    'rates?': ref('rates'),
    'servers?': listOf(ref('server')),
  }),
  server: object({
    server: text,
    ...serverSettings,
    'connections?': ref('connectionCounts'),
    'overloaded?': ref('overloaded'),
    'statistics?': ref('counters'),
    'rates?': ref('rates'),
  }),
  list: output({ services: listOf(ref('service')) }),
};
