import type { Definitions } from '../../state/file/json-schema.js';
import { amount, called, count, either, line, listOf, moment } from './build.js';
import { object, oneOf, output, ref, text, yes } from './build.js';

const counters = {
  connections: count,
  incomingPackets: count,
  outgoingPackets: count,
  incomingBytes: count,
  outgoingBytes: count,
};

const perSecond = Object.fromEntries(
  Object.keys(counters).map((key) => [`${key}PerSecond`, amount]),
);
const measured = { statistics: ref('counters'), rates: ref('rates') };

const serviceSettings = {
  scheduler: text,
  'schedulerFlags?': listOf(text),
  'persistence?': ref('persistence'),
  'onePacket?': yes,
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

const service = {
  service: text,
  'name?': text,
  ...serviceSettings,
  'statistics?': ref('counters'),
  'rates?': ref('rates'),
  'servers?': listOf(ref('server')),
};

const change = oneOf('added', 'changed', 'removed');
const place = { service: text, 'name?': text };
const sides = (settings: string) => ({ 'from?': ref(settings), 'to?': ref(settings) });

const sample = { statistics: listOf(ref('serviceStatistics')), total: object(measured) };

/** The table, and what is known of it. */
export const tableDefinitions: Definitions = {
  counters: object(counters),
  rates: object(perSecond),
  connectionCounts: object({ active: count, inactive: count, persistent: count }),
  overloaded: yes,
  serviceSettings: object(serviceSettings),
  serverSettings: object(serverSettings),
  service: object(service),
  server: object({
    server: text,
    ...serverSettings,
    'connections?': ref('connectionCounts'),
    'overloaded?': ref('overloaded'),
    'statistics?': ref('counters'),
    'rates?': ref('rates'),
  }),
  list: output({ services: listOf(ref('service')) }),
  listLine: either(
    line(called('service'), service),
    line(change, { ...place, ...sides('serviceSettings') }),
    line(change, { ...place, server: text, ...sides('serverSettings') }),
  ),
  serviceStatistics: object({ ...place, ...measured }),
  stats: output({ 'time?': moment, ...sample }),
  statsLine: line(called('statistics'), { time: moment, ...sample }),
};
