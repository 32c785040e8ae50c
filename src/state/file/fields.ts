import { tunnelChecksums, tunnelTypes } from '../../ipvs/model/destination.js';
import { schedulerFlagWords } from '../../rules/grammar/scheduler-flags.js';
import { schedulers } from '../../rules/grammar/schedulers.js';
import { checks } from './check-fields.js';
import { boolean, either, field, integer, list, object, text, word } from './kinds.js';
import type { Kind, Rule, ValuesOf } from './kinds.js';
import {
  commandWordForm,
  durationForm,
  fileForm,
  groupForm,
  interfaceForm,
  nameForm,
  netmaskForm,
  positiveDurationForm,
  serverForm,
  serviceForm,
  shareForm,
  webhookForm,
} from './text-forms.js';

/** All keys of state files, as data: where each may stand, what it may be, and what it means. */

const UINT32_MAX = 2 ** 32 - 1;
const INT32_MAX = 2 ** 31 - 1;
const UINT16_MAX = 2 ** 16 - 1;

/** The forwarding methods that can be asked for. */
const method = word(['nat', 'dr', 'tun', 'local'] as const);

/** `none`: the kernel has services without a scheduler. `twos` is not in all kernels. */
const scheduler = word([...schedulers.map((one) => one.word), 'twos', 'none']);

const observed = (name: string): Kind<unknown> => ({
  rule: { type: 'observed', schema: { $ref: `#/$defs/${name}` } } satisfies Rule,
});

const persistence = object('persistence', {
  timeoutSeconds: field(
    integer(0, UINT32_MAX),
    'seconds for which a client stays with its server, counted from the end of its last connection',
  ),
  netmask: field(text(netmaskForm), 'IPv4: clients that agree in these bits are one client', {
    initial: '255.255.255.255',
  }),
  prefixLength: field(
    integer(1, 128),
    'IPv6: clients that agree in so many leading bits are one client',
    { initial: 128 },
  ),
  engine: field(word(['sip']), 'persistence engine'),
});

const tunnel = object('tunnel', {
  type: field(word(Object.keys(tunnelTypes) as (keyof typeof tunnelTypes)[]), 'encapsulation', {
    initial: 'ipip',
  }),
  port: field(integer(0, UINT16_MAX), 'UDP port of gue', { initial: 0 }),
  checksum: field(
    word(Object.keys(tunnelChecksums) as (keyof typeof tunnelChecksums)[]),
    "what the header says of the inner packet's checksum",
    { initial: 'none' },
  ),
});

const weight = integer(0, INT32_MAX);

const sorryServer = object('sorryServer', {
  server: field(text(serverForm), 'address and port', { isRequired: true }),
  weight: field(weight, 'share of new connections', { initial: 1 }),
  method: field(method, "forwarding method; default: the service's"),
});

const onChange = field(
  list(text(commandWordForm), 1),
  'program that gets each change as JSON on standard input, and its arguments; no shell',
);
const webhook = field(text(webhookForm), 'URL that gets each change as JSON');
const drain = field(
  text(durationForm),
  'how long a server that was deleted from the file is drained, at most',
  { initial: '30s' },
);

/** Of a service, or for all in `defaults`: what the agent needs. */
export const healthFields = {
  check: field(checks, 'health checks of its servers, all of which must pass'),
  onFailure: field(
    word(['quiet', 'remove'] as const),
    'weight 0 for a server that is down, or out of the table; default: quiet, for UDP remove',
  ),
  slowStart: field(text(durationForm), 'time in which the weight grows after a server was down', {
    initial: '0s',
  }),
  sorryServer: field(
    either(text(serverForm), sorryServer),
    'server that takes over when too few are up',
  ),
  quorum: field(
    either(integer(1, UINT16_MAX), text(shareForm)),
    'how many servers, or which share of them, must be up',
    { initial: 1 },
  ),
  hysteresis: field(
    integer(0, UINT16_MAX),
    'how many servers above the quorum must be up until it counts as met again',
    { initial: 0 },
  ),
  failOpen: field(
    either(word(['none-up', 'never']), text(shareForm)),
    'when to keep servers in the table that fail their checks',
    { initial: 'none-up' },
  ),
  initial: field(
    word(['starting', 'up'] as const),
    'whether a new server waits for its first passed check, or gets clients at once',
    { initial: 'starting' },
  ),
  drain,
  announce: field(
    object('announce', {
      interface: field(text(interfaceForm), 'interface', { isRequired: true }),
    }),
    'interface that has the virtual address while the quorum is met',
  ),
  trackFile: field(text(fileForm), 'file that holds 0 while the quorum is met, else 1'),
  onChange,
  webhook,
};

const serverHealth = { check: field(checks, "health checks, in place of the service's") };

const serverFields = {
  server: field(text(serverForm), 'address and port', { isRequired: true }),
  method: field(method, "forwarding method; default: that of the service or of 'defaults', or nat"),
  weight: field(weight, 'share of new connections; 0 takes none', { initial: 1 }),
  upperThreshold: field(
    integer(0, UINT32_MAX),
    'connections from which on it gets no new ones; 0: no limit',
    { initial: 0 },
  ),
  lowerThreshold: field(
    integer(0, UINT32_MAX),
    'connections below which it gets new ones again; 0: three quarters of upperThreshold',
    { initial: 0 },
  ),
  tunnel: field(tunnel, 'encapsulation of method tun'),
  ...serverHealth,
  connections: field(observed('connectionCounts'), 'observed: not read'),
  overloaded: field(observed('overloaded'), 'observed: not read'),
  statistics: field(observed('counters'), 'observed: not read'),
  rates: field(observed('rates'), 'observed: not read'),
};

const serviceFields = {
  service: field(text(serviceForm), 'protocol, address and port, or a firewall mark', {
    isRequired: true,
  }),
  name: field(text(nameForm), 'name, by which commands may call it'),
  scheduler: field(scheduler, 'scheduler', { initial: 'wlc' }),
  schedulerFlags: field(
    list(word(schedulerFlagWords.map((one) => one.word))),
    'flags of the scheduler',
  ),
  persistence: field(
    either(integer(1, UINT32_MAX), persistence),
    'keeps a client on its server: seconds, or an object; default: not persistent',
  ),
  onePacket: field(boolean, 'schedules each packet by itself', { initial: false }),
  method: field(method, 'forwarding method of its servers'),
  servers: field(
    list(either(text(serverForm), object('stateServer', serverFields))),
    'its real servers: text, or an object with settings',
  ),
  ...healthFields,
  statistics: field(observed('counters'), 'observed: not read'),
  rates: field(observed('rates'), 'observed: not read'),
};

const defaultsFields = {
  scheduler: field(scheduler, 'of services that name none', { initial: 'wlc' }),
  method: field(method, 'of servers for which neither they nor their service name one', {
    initial: 'nat',
  }),
  weight: field(weight, 'of servers that name none', { initial: 1 }),
  ...healthFields,
};

const timeouts = object('timeouts', {
  tcpSeconds: field(integer(1, UINT32_MAX), 'of idle TCP connections'),
  tcpFinSeconds: field(integer(1, UINT32_MAX), 'of TCP connections after a FIN'),
  udpSeconds: field(integer(1, UINT32_MAX), 'of UDP'),
});

const syncDaemon = object('syncDaemon', {
  role: field(word(['master', 'backup'] as const), 'sends connections, or receives them', {
    isRequired: true,
  }),
  interface: field(text(interfaceForm), 'interface it uses', { isRequired: true }),
  syncId: field(integer(0, 255), 'a backup accepts only messages with its own id', { initial: 0 }),
  maximumLength: field(integer(1, 65_507), 'longest message, in bytes'),
  group: field(text(groupForm), 'multicast address', { initial: '224.0.0.81' }),
  port: field(integer(1, UINT16_MAX), 'UDP port', { initial: 8848 }),
  ttl: field(integer(1, 255), 'time to live of its packets', { initial: 1 }),
});

/** Keys for the agent that stand at the top of a file. */
export const agentFields = {
  reconcile: field(
    text(positiveDurationForm),
    'time between comparisons of the table with the file',
    { initial: '30s' },
  ),
  drain,
  onChange,
  webhook,
};

const fileFields = {
  version: field(integer(1, 1), 'version of the format'),
  timeouts: field(timeouts, 'timeouts of connections; what is left out stays as it is'),
  syncDaemons: field(
    list(syncDaemon),
    'daemons that synchronise connections with another director',
  ),
  defaults: field(object('defaults', defaultsFields), 'settings of services that name none'),
  services: field(list(object('stateService', serviceFields)), 'virtual services', { initial: [] }),
  ...agentFields,
  schemaVersion: field(integer(1, 1), 'version of a listing, which is ignored'),
};

/** What a state file as a whole is. */
export const stateFile = object('stateFile', fileFields);

const keysOf = (fields: object): ReadonlySet<string> => new Set(Object.keys(fields));

/** Keys whose values are handed to the agent as they stand there. */
export const healthKeys = {
  file: keysOf(agentFields),
  service: keysOf(healthFields),
  server: keysOf(serverHealth),
};

type Of<K> = K extends Kind<infer T> ? T : never;
export type FileValue = Of<typeof stateFile>;
export type ServiceValue = NonNullable<FileValue['services']>[number];
export type ServerValue = NonNullable<ServiceValue['servers']>[number];
export type ServerObject = Exclude<ServerValue, string>;
export type DefaultsValue = NonNullable<FileValue['defaults']>;
export type HealthValue = ValuesOf<typeof healthFields>;
export type ServerHealthValue = ValuesOf<typeof serverHealth>;
export type AgentValue = ValuesOf<typeof agentFields>;
