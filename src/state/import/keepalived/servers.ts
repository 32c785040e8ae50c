import type { Family } from '../../../common/ip-family.js';
import type { Protocol, SchedulerFlag } from '../../../ipvs/model/service.js';
import type { ImportReport } from '../report.js';
import { readMethod, timingKeywords } from './settings.js';
import type { Keywords, Method, Timing, Unsupported } from './settings.js';
import type { Statement } from './tree.js';
import { addressAt, endpointAt, flagAt, invalid, numberAt, wordAt } from './values.js';
import type { Endpoint } from './values.js';
import { IpAddress } from '../../../ipvs/model/address.js';

/** A real server as it is written; undefined is what it inherits from its virtual server. */
export interface RealServer extends Endpoint {
  readonly statement: Statement;
  readonly timing: Timing;
  readonly checkers: Statement[];
  weight: number | undefined;
  method: Method | undefined;
  upperThreshold: number;
  lowerThreshold: number;
  inhibit: boolean | undefined;
  virtualHost: string | undefined;
}

/** A sorry_server. */
export interface SorryServer extends Endpoint {
  readonly statement: Statement;
  method: Method | undefined;
}

/** A virtual server as it is written. */
export interface VirtualServer {
  readonly statement: Statement;
  readonly timing: Timing;
  readonly servers: Statement[];
  sorry: SorryServer | undefined;
  name: Statement | undefined;
  scheduler: string | undefined;
  readonly flags: Set<SchedulerFlag>;
  onePacket: boolean;
  method: Method | undefined;
  /** Of marks: where it is said, also by the granularity. */
  family: Family | undefined;
  persistenceSeconds: number | undefined;
  granularity: Statement | undefined;
  engine: Statement | undefined;
  protocol: Protocol | undefined;
  weight: number;
  quorum: number;
  hysteresis: number;
  inhibit: boolean;
  virtualHost: string | undefined;
}

export const MAX_WEIGHT = 0x7fff_ffff;
const MAX_QUORUM = 0xffff_ffff;
const MAX_TIMEOUT = 31 * 24 * 3600;
const DEFAULT_PERSISTENCE = 360;
const SCHEDULERS = 'rr wrr lc wlc lblc lblcr sh mh dh fo ovf sed nq twos'.split(' ');
const ON_CHANGE = 'the agent runs one command for every change instead: onChange: [PROGRAM]';
const MAIL = 'the agent sends no mail; changes go to a command or a webhook: onChange, webhook';

/** The numbers of flags with names; one of these with sh- or mh- counts only after that scheduler was named. */
const FLAGS: Readonly<Record<string, SchedulerFlag>> = {
  'flag-1': 1,
  'flag-2': 2,
  'flag-3': 3,
  'sh-fallback': 1,
  'sh-port': 2,
  'mh-fallback': 1,
  'mh-port': 2,
};

function schedulerFlag(server: VirtualServer, statement: Statement, report: ImportReport): void {
  const { keyword } = statement;
  const [scheduler] = keyword.split('-');
  const flag = FLAGS[keyword];
  if (flag !== undefined && (scheduler === 'flag' || server.scheduler === scheduler)) {
    server.flags.add(flag);
  } else {
    report.lost(
      statement,
      `${keyword}: keepalived ignores it unless "lvs_sched ${scheduler}" stands above it`,
    );
  }
}

const flags = Object.fromEntries(
  Object.keys(FLAGS).map((name) => [name, { takes: 0, read: schedulerFlag }]),
);

const method = {
  takes: Infinity,
  read: (server: VirtualServer, statement: Statement, report: ImportReport) => {
    server.method = readMethod(statement, report) ?? server.method;
  },
};

const scheduler = {
  takes: 1,
  read: (server: VirtualServer, statement: Statement, report: ImportReport) => {
    const name = wordAt(statement, 0, report);
    if (name === undefined) return;
    if (SCHEDULERS.includes(name)) server.scheduler = name;
    else {
      invalid(statement, `"${name}" is none of ${SCHEDULERS.join(', ')}`, report);
    }
  },
};

/** Where mail is asked for: the keyword alone, or with yes. */
const smtpAlert = {
  takes: 1,
  read: (_: unknown, statement: Statement, report: ImportReport) => {
    if (flagAt(statement, 0, report)) report.lost(statement, `smtp_alert: ${MAIL}`);
  },
};

export const virtualServerKeywords: Keywords<VirtualServer> = {
  ...timingKeywords,
  smtp_alert: smtpAlert,
  ...flags,
  lb_algo: scheduler,
  lvs_sched: scheduler,
  lb_kind: method,
  lvs_method: method,
  ops: { takes: 0, read: (server) => (server.onePacket = true) },
  // It has meant nothing for long.
  hashed: { takes: 0, read: () => undefined },
  persistence_timeout: { takes: 1, read: readPersistence },
  persistence_granularity: { takes: 1, read: readGranularity },
  persistence_engine: { takes: 1, read: (server, statement) => (server.engine = statement) },
  protocol: { takes: 1, read: readProtocol },
  ip_family: { takes: 1, read: readFamily },
  weight: {
    takes: 1,
    read: (server, statement, report) => {
      server.weight = numberAt(statement, 0, [0, MAX_WEIGHT], report) ?? 1;
    },
  },
  quorum: {
    takes: 1,
    read: (server, statement, report) => {
      server.quorum = numberAt(statement, 0, [1, MAX_QUORUM], report) ?? 1;
    },
  },
  hysteresis: {
    takes: 1,
    read: (server, statement, report) => {
      server.hysteresis = numberAt(statement, 0, [0, MAX_WEIGHT], report) ?? 0;
    },
  },
  inhibit_on_failure: { takes: 0, read: (server) => (server.inhibit = true) },
  virtualhost: {
    takes: 1,
    read: (server, statement, report) => {
      server.virtualHost = wordAt(statement, 0, report);
    },
  },
  snmp_name: { takes: 1, read: (server, statement) => (server.name = statement) },
  sorry_server: {
    takes: 2,
    read: (server, statement, report) => {
      const endpoint = endpointAt(statement, 0, report);
      if (endpoint !== undefined) server.sorry = { ...endpoint, statement, method: server.method };
    },
  },
  sorry_server_lvs_method: {
    takes: Infinity,
    read: ({ sorry }, statement, report) => {
      if (sorry !== undefined) sorry.method = readMethod(statement, report) ?? sorry.method;
      else report.lost(statement, 'sorry_server_lvs_method: no sorry_server stands above it');
    },
  },
  real_server: {
    takes: 2,
    hasBlock: true,
    read: ({ servers }, statement) => servers.push(statement),
  },
};

export const unsupportedOfVirtualServers: Unsupported = {
  sorry_server_inhibit: 'a sorry server is not kept in the table with weight 0 until it is needed',
  ha_suspend: 'checks go on while the virtual address is on another machine',
  quorum_up: ON_CHANGE,
  quorum_down: ON_CHANGE,
  omega: 'no command is run at the end of the agent',
};

function readPersistence(server: VirtualServer, statement: Statement, report: ImportReport): void {
  const isGiven = statement.words.length > 0;
  const seconds = isGiven ? numberAt(statement, 0, [1, MAX_TIMEOUT], report) : DEFAULT_PERSISTENCE;
  server.persistenceSeconds = seconds ?? DEFAULT_PERSISTENCE;
}

/** A netmask of IPv4, or the number of bits of IPv6. It makes the service persistent. */
function readGranularity(server: VirtualServer, statement: Statement, report: ImportReport): void {
  const word = wordAt(statement, 0, report);
  if (word === undefined) return;
  const family = server.family ?? (word.includes('.') ? 'ipv4' : 'ipv6');
  if (family === 'ipv6') numberAt(statement, 0, [1, 128], report);
  else if (IpAddress.tryParse(word)?.family !== 'ipv4') addressAt(statement, 0, report);
  server.family = family;
  server.granularity = statement;
  server.persistenceSeconds ??= DEFAULT_PERSISTENCE;
}

function readProtocol(server: VirtualServer, statement: Statement, report: ImportReport): void {
  const word = wordAt(statement, 0, report)?.toLowerCase();
  if (word === 'tcp' || word === 'udp' || word === 'sctp') server.protocol = word;
  else if (word !== undefined) {
    invalid(statement, `"${word}" is none of TCP, UDP, SCTP`, report);
  }
}

function readFamily(server: VirtualServer, statement: Statement, report: ImportReport): void {
  const word = wordAt(statement, 0, report);
  if (word === undefined) return;
  const family = word === 'inet' ? 'ipv4' : word === 'inet6' ? 'ipv6' : undefined;
  if (family === undefined) {
    report.problem(statement, `ip_family: "${word}" is neither inet nor inet6`);
  } else if (server.family !== undefined && server.family !== family) {
    report.problem(statement, `ip_family: "${word}" contradicts the addresses of this service`);
  } else server.family = family;
}

const checker = {
  takes: 0,
  hasBlock: true,
  read: (server: RealServer, statement: Statement) => void server.checkers.push(statement),
};

export const realServerKeywords: Keywords<RealServer> = {
  ...timingKeywords,
  smtp_alert: smtpAlert,
  weight: {
    takes: 1,
    read: (server, statement, report) => {
      server.weight = numberAt(statement, 0, [0, MAX_WEIGHT], report);
    },
  },
  lvs_method: {
    takes: Infinity,
    read: (server, statement, report) => {
      server.method = readMethod(statement, report) ?? server.method;
    },
  },
  uthreshold: {
    takes: 1,
    read: (server, statement, report) => {
      server.upperThreshold = numberAt(statement, 0, [0, 0xffff_ffff], report) ?? 0;
    },
  },
  lthreshold: {
    takes: 1,
    read: (server, statement, report) => {
      server.lowerThreshold = numberAt(statement, 0, [0, 0xffff_ffff], report) ?? 0;
    },
  },
  inhibit_on_failure: {
    takes: 1,
    read: (server, statement, report) => {
      server.inhibit = flagAt(statement, 0, report);
    },
  },
  virtualhost: {
    takes: 1,
    read: (server, statement, report) => {
      server.virtualHost = wordAt(statement, 0, report);
    },
  },
  HTTP_GET: checker,
  SSL_GET: checker,
  TCP_CHECK: checker,
  SMTP_CHECK: checker,
  DNS_CHECK: checker,
  MISC_CHECK: checker,
  BFD_CHECK: checker,
  UDP_CHECK: checker,
  PING_CHECK: checker,
  FILE_CHECK: checker,
};

export const unsupportedOfRealServers: Unsupported = {
  notify_up: ON_CHANGE,
  notify_down: ON_CHANGE,
  snmp_name: 'a real server has no name',
};
