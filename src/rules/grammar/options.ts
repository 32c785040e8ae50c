import type { OperativeCommand } from './commands.js';
import {
  fixed,
  flag,
  integer,
  ipv6,
  mark,
  mask,
  multicastGroup,
  seconds,
  serverEndpoint,
  serviceEndpoint,
  text,
  tunnelType,
} from './option-values.js';
import type { OptionValue } from './option-values.js';
import { schedulerFlagWords } from './scheduler-flags.js';
import { schedulers } from './schedulers.js';

/** Whether a command takes an option: must have it, may have it, or may have it or one of its like. */
export type Legality = 'required' | 'optional' | 'exclusive';
type LegalWith = Readonly<Partial<Record<OperativeCommand, Legality>>>;

const onService: LegalWith = { 'add-service': 'optional', 'edit-service': 'optional' };
const onServer: LegalWith = { 'add-server': 'optional', 'edit-server': 'optional' };
const onList: LegalWith = { list: 'optional' };
const onListAlone: LegalWith = { list: 'exclusive' };
const onStart: LegalWith = { 'start-daemon': 'optional' };

/**
 * What is legal where, under the names that error texts use. Where a command is not named the option is illegal. Texts
 * about legality come in this order.
 */
export const legality = {
  numeric: { list: 'optional', save: 'optional' },
  connection: onListAlone,
  'service-address': {
    'add-service': 'required',
    'edit-service': 'required',
    'delete-service': 'required',
    list: 'exclusive',
    'add-server': 'required',
    'delete-server': 'required',
    'edit-server': 'required',
    zero: 'optional',
  },
  scheduler: onService,
  persistent: onService,
  netmask: onService,
  'real-server': {
    'add-server': 'required',
    'delete-server': 'required',
    'edit-server': 'required',
  },
  'forwarding-method': onServer,
  weight: onServer,
  'u-threshold': onServer,
  'l-threshold': onServer,
  'mcast-interface': onStart,
  timeout: onListAlone,
  daemon: onListAlone,
  stats: onList,
  rate: onList,
  thresholds: onList,
  'persistent-conn': onList,
  nosort: onList,
  syncid: { list: 'optional', 'start-daemon': 'optional', 'stop-daemon': 'optional' },
  exact: onList,
  ops: onService,
  pe: onService,
  'sched-flags': onService,
  'mcast-group': onStart,
  'mcast-port': onStart,
  'mcast-ttl': onStart,
  'sync-maxlen': onStart,
  'tun-info': onList,
  'tun-type': onServer,
  'tun-port': onServer,
  'tun-nocsum': onServer,
  'tun-csum': onServer,
  'tun-remcsum': onServer,
} as const satisfies Record<string, LegalWith>;

/** The name by which texts about legality and repetition call an option, or several that exclude each other. */
export type ReportName = keyof typeof legality;

/** The groups in which help shows the options. */
export type OptionGroup =
  'service' | 'service options' | 'server options' | 'list options' | 'daemon options';

/** An option: everything that is known of it. */
export interface OptionLine {
  readonly long: string;
  readonly short?: string;
  /** Undefined: never illegal, and may be repeated. */
  readonly report?: ReportName;
  /** Its argument's name, kind and range, and where what it says is kept. */
  readonly value: OptionValue;
  readonly group: OptionGroup;
  /** What counts when the option is not there, for help. */
  readonly otherwise?: string;
  /** The option that it says more about, and without which it has no meaning: never with another of its report name. */
  readonly qualifies?: string;
  /** Options that the command cannot show at the same time, beyond what legality says. */
  readonly notWith?: readonly ReportName[];
  /** What it does. Words that its value suggests come behind, by {@link helpOf}. */
  readonly help: string;
}

/** What an option does, with the words that its value suggests. */
export function helpOf({ help, value: { suggestions } }: OptionLine): string {
  if (suggestions === undefined) return help;
  return `${help}: ${suggestions.map(({ word }) => word).join(' ')}`;
}

export const INT_MAX = 2_147_483_647;
/** 31 days. */
export const TIMEOUT_MAX = 2_678_400;
export const DEFAULT_PERSISTENCE_SECONDS = 360;
/** What a list shows of services alone. */
const NUMBERS = ['stats', 'rate', 'thresholds'] as const;

/** The options. Adding one is adding a line here. */
export const optionLines: readonly OptionLine[] = [
  {
    long: 'tcp-service',
    short: 't',
    report: 'service-address',
    value: serviceEndpoint('tcp'),
    group: 'service',
    help: 'a TCP service at HOST[:PORT]',
  },
  {
    long: 'udp-service',
    short: 'u',
    report: 'service-address',
    value: serviceEndpoint('udp'),
    group: 'service',
    help: 'a UDP service at HOST[:PORT]',
  },
  {
    long: 'sctp-service',
    report: 'service-address',
    value: serviceEndpoint('sctp'),
    group: 'service',
    help: 'an SCTP service at HOST[:PORT]',
  },
  {
    long: 'fwmark-service',
    short: 'f',
    report: 'service-address',
    value: mark(),
    group: 'service',
    help: 'packets that a firewall rule marks with MARK',
  },
  {
    long: 'ipv6',
    short: '6',
    value: ipv6(),
    group: 'service',
    qualifies: 'fwmark-service',
    help: 'the mark is for IPv6 packets',
  },
  {
    long: 'scheduler',
    short: 's',
    report: 'scheduler',
    value: text('scheduler', 'NAME', { suggestions: schedulers }),
    group: 'service options',
    otherwise: 'wlc',
    help: 'the scheduling algorithm',
  },
  {
    long: 'persistent',
    short: 'p',
    report: 'persistent',
    value: seconds('persistenceSeconds', TIMEOUT_MAX, DEFAULT_PERSISTENCE_SECONDS),
    group: 'service options',
    otherwise: 'not persistent; without a number 360',
    help: 'keep a client on one real server for this many seconds',
  },
  {
    long: 'netmask',
    short: 'M',
    report: 'netmask',
    value: mask(),
    group: 'service options',
    help: 'treat clients in one network of this mask (IPv6: prefix length) as one',
  },
  {
    long: 'pe',
    report: 'pe',
    value: text('persistenceEngine', 'ENGINE', {
      suggestions: [{ word: 'sip', help: "a call's Call-ID" }],
    }),
    group: 'service options',
    help: 'persistence engine: identify clients by their payload',
  },
  {
    long: 'ops',
    short: 'o',
    report: 'ops',
    value: flag('onePacket'),
    group: 'service options',
    help: 'one-packet scheduling: schedule each packet on its own (UDP or a mark)',
  },
  {
    long: 'sched-flags',
    short: 'b',
    report: 'sched-flags',
    value: text('schedulerFlags', 'FLAGS', { suggestions: schedulerFlagWords, list: true }),
    group: 'service options',
    help: 'scheduler flags, separated by commas',
  },
  {
    long: 'real-server',
    short: 'r',
    report: 'real-server',
    value: serverEndpoint(),
    group: 'server options',
    help: "the real server; its port defaults to the service's",
  },
  {
    long: 'gatewaying',
    short: 'g',
    report: 'forwarding-method',
    value: fixed('forwardingMethod', 'dr'),
    group: 'server options',
    help: 'direct routing (default)',
  },
  {
    long: 'ipip',
    short: 'i',
    report: 'forwarding-method',
    value: fixed('forwardingMethod', 'tun'),
    group: 'server options',
    help: 'tunneling',
  },
  {
    long: 'masquerading',
    short: 'm',
    report: 'forwarding-method',
    value: fixed('forwardingMethod', 'nat'),
    group: 'server options',
    help: 'masquerading (NAT)',
  },
  {
    long: 'weight',
    short: 'w',
    report: 'weight',
    value: integer('weight', 'WEIGHT', 0, INT_MAX, 'illegal weight specified'),
    group: 'server options',
    otherwise: '1',
    help: 'share of new connections; 0 accepts none',
  },
  {
    long: 'u-threshold',
    short: 'x',
    report: 'u-threshold',
    value: integer('upperThreshold', 'COUNT', 0, INT_MAX, 'illegal u_threshold specified'),
    group: 'server options',
    otherwise: '0',
    help: 'stop sending new connections at this many; 0: no limit',
  },
  {
    long: 'l-threshold',
    short: 'y',
    report: 'l-threshold',
    value: integer('lowerThreshold', 'COUNT', 0, INT_MAX, 'illegal l_threshold specified'),
    group: 'server options',
    otherwise: '0',
    help: 'resume below this many; 0: below 3/4 of -x',
  },
  {
    long: 'tun-type',
    report: 'tun-type',
    value: tunnelType('TYPE', 'illegal tunnel type specified'),
    group: 'server options',
    qualifies: 'ipip',
    otherwise: 'ipip',
    help: 'tunnel type',
  },
  {
    long: 'tun-port',
    report: 'tun-port',
    value: integer('tunnelPort', 'PORT', 1, 65_535, 'illegal tunnel port specified'),
    group: 'server options',
    qualifies: 'ipip',
    help: 'UDP port of a gue tunnel',
  },
  {
    long: 'tun-nocsum',
    report: 'tun-nocsum',
    value: fixed('tunnelChecksum', 'none'),
    group: 'server options',
    qualifies: 'ipip',
    help: 'no tunnel checksum, for gue and gre (default)',
  },
  {
    long: 'tun-csum',
    report: 'tun-csum',
    value: fixed('tunnelChecksum', 'full'),
    group: 'server options',
    qualifies: 'ipip',
    help: 'tunnel checksum, for gue and gre',
  },
  {
    long: 'tun-remcsum',
    report: 'tun-remcsum',
    value: fixed('tunnelChecksum', 'remote'),
    group: 'server options',
    qualifies: 'ipip',
    help: 'remote checksum offload, for gue',
  },
  {
    long: 'numeric',
    short: 'n',
    report: 'numeric',
    value: flag('numeric'),
    group: 'list options',
    help: 'print addresses and ports as numbers',
  },
  {
    long: 'connection',
    short: 'c',
    report: 'connection',
    value: flag('connection'),
    group: 'list options',
    notWith: NUMBERS,
    help: 'list the connections',
  },
  {
    long: 'timeout',
    report: 'timeout',
    value: flag('timeout'),
    group: 'list options',
    notWith: [...NUMBERS, 'persistent-conn'],
    help: 'show the timeouts of idle connections',
  },
  {
    long: 'daemon',
    report: 'daemon',
    value: flag('daemon'),
    group: 'list options',
    notWith: [...NUMBERS, 'persistent-conn'],
    help: 'show the running synchronisation daemons',
  },
  {
    long: 'stats',
    report: 'stats',
    value: flag('stats'),
    group: 'list options',
    help: 'show connections, packets and bytes since the last -Z',
  },
  {
    long: 'rate',
    report: 'rate',
    value: flag('rate'),
    group: 'list options',
    help: 'show connections, packets and bytes per second',
  },
  {
    long: 'exact',
    short: 'X',
    report: 'exact',
    value: flag('exact'),
    group: 'list options',
    help: 'print large numbers in full',
  },
  {
    long: 'thresholds',
    report: 'thresholds',
    value: flag('thresholds'),
    group: 'list options',
    help: 'show the thresholds of real servers',
  },
  {
    long: 'persistent-conn',
    report: 'persistent-conn',
    value: flag('persistentConnections'),
    group: 'list options',
    help: 'show persistent connections; with -c, the data of persistence engines',
  },
  {
    long: 'tun-info',
    report: 'tun-info',
    value: flag('tunnelInformation'),
    group: 'list options',
    help: 'show tunnel types, ports and checksums',
  },
  {
    long: 'nosort',
    report: 'nosort',
    value: flag('unsorted'),
    group: 'list options',
    help: "keep the kernel's order",
  },
  {
    long: 'sort',
    value: flag('sorted'),
    group: 'list options',
    help: 'sort the listing (default)',
  },
  {
    long: 'mcast-interface',
    report: 'mcast-interface',
    value: text('multicastInterface', 'NAME', { completes: 'interface' }),
    group: 'daemon options',
    otherwise: 'eth0',
    help: 'network interface',
  },
  {
    long: 'syncid',
    report: 'syncid',
    value: integer('syncId', 'ID', 0, 255, 'illegal syncid specified'),
    group: 'daemon options',
    otherwise: '0',
    help: 'sync ID that the masters and backups of a cluster share',
  },
  {
    long: 'mcast-group',
    report: 'mcast-group',
    value: multicastGroup(),
    group: 'daemon options',
    otherwise: '224.0.0.81',
    help: 'multicast address',
  },
  {
    long: 'mcast-port',
    report: 'mcast-port',
    value: integer('multicastPort', 'PORT', 1, 65_535, 'illegal mcast-port specified'),
    group: 'daemon options',
    otherwise: '8848',
    help: 'UDP port',
  },
  {
    long: 'mcast-ttl',
    report: 'mcast-ttl',
    value: integer('multicastTtl', 'TTL', 1, 255, 'illegal mcast-ttl specified'),
    group: 'daemon options',
    otherwise: '1',
    help: 'time to live of multicast packets: how many routers they may cross',
  },
  {
    long: 'sync-maxlen',
    report: 'sync-maxlen',
    value: integer('syncMaximumLength', 'BYTES', 1, 65_507, 'illegal sync-maxlen specified'),
    group: 'daemon options',
    otherwise: "what fits the interface's MTU",
    help: 'maximum length of a sync message',
  },
];
