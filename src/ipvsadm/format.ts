import { padded } from '../common/text-pieces.js';
import type { TextPieces } from '../common/text-pieces.js';
import type { Timeouts } from '../ipvs/model/timeouts.js';
import type { Connection } from '../ipvs/proc/read-connections.js';
import type { SyncDaemon } from '../ipvs/model/daemon.js';
import type {
  Destination,
  DestinationState,
  ForwardingMethod,
  Tunnel,
} from '../ipvs/model/destination.js';
import { isMark } from '../ipvs/model/service.js';
import type {
  ServiceId,
  ServiceSettings,
  ServiceState,
  VirtualService,
} from '../ipvs/model/service.js';
import type { Statistics } from '../ipvs/model/statistics.js';
import { addEndpoint, formatEndpoint } from '../rules/format-endpoint.js';
import type { Naming } from '../rules/format-endpoint.js';
import { formatMask } from '../rules/format-rules.js';
import type { ListColumns } from '../rules/invocation.js';
import { listedFlags } from '../rules/grammar/scheduler-flags.js';

/** How numbers are written: shortened, or in full. */
export type FormatNumber = (value: bigint) => string;

interface Unit {
  readonly below: bigint;
  readonly divisor: bigint;
  readonly suffix: string;
}

const units: readonly Unit[] = [
  { below: 10n ** 8n, divisor: 1n, suffix: '' },
  { below: 10n ** 9n, divisor: 10n ** 3n, suffix: 'K' },
  { below: 10n ** 11n, divisor: 10n ** 6n, suffix: 'M' },
  { below: 10n ** 14n, divisor: 10n ** 9n, suffix: 'G' },
];
const largest = { divisor: 10n ** 12n, suffix: 'T' };
const NUMBER_WIDTH = 9;

/** A number in nine places, from 10⁸ on in thousands, millions and so on. */
export function shortNumber(value: bigint): string {
  const { divisor, suffix } = units.find(({ below }) => value < below) ?? largest;
  return `${value / divisor}${suffix}`.padStart(NUMBER_WIDTH);
}

/** A number in full: in nine places, or in one more than its digits when those are more than eight. */
export function exactNumber(value: bigint): string {
  const digits = value.toString();
  return digits.padStart(Math.max(NUMBER_WIDTH, digits.length + 1));
}

/** A column of real servers: its heading, its width, and what stands in it. */
interface Column {
  readonly title: string;
  readonly width: number;
  readonly value: (destination: DestinationState) => string;
}

/** A kind of listing: its headings and lines derive from its columns. */
interface Listing {
  readonly columns: readonly Column[];
  /** Whether the titles stand beside `RemoteAddress:Port`, or above in the first heading, filled up to their widths. */
  readonly titles: 'beside' | 'above';
}

const forwardingNames: Readonly<Record<ForwardingMethod, string>> = {
  nat: 'Masq',
  local: 'Local',
  tun: 'Tunnel',
  dr: 'Route',
  bypass: 'Bypass',
};

const forward: Column = {
  title: 'Forward',
  width: 7,
  value: ({ settings }) => forwardingNames[settings.forwardingMethod],
};
const tunnel: Column = {
  title: 'TunnelInfo',
  width: 13,
  value: ({ settings }) => formatTunnel(settings.tunnel),
};
const weight = (width: number): Column => ({
  title: 'Weight',
  width,
  value: ({ settings }) => String(settings.weight),
});
const upper: Column = {
  title: 'Uthreshold',
  width: 10,
  value: ({ settings }) => String(settings.upperThreshold),
};
const lower: Column = {
  title: 'Lthreshold',
  width: 10,
  value: ({ settings }) => String(settings.lowerThreshold),
};
const persistent: Column = {
  title: 'PersistConn',
  width: 11,
  value: ({ persistentConnections }) => String(persistentConnections),
};
const active: Column = {
  title: 'ActiveConn',
  width: 10,
  value: ({ activeConnections }) => String(activeConnections),
};
const inactive: Column = {
  title: 'InActConn',
  width: 10,
  value: ({ inactiveConnections }) => String(inactiveConnections),
};

const listings: Readonly<Record<Exclude<ListColumns, 'stats' | 'rate'>, Listing>> = {
  default: { columns: [forward, weight(6), active, inactive], titles: 'beside' },
  'tun-info': { columns: [forward, tunnel, weight(6), active, inactive], titles: 'beside' },
  thresholds: { columns: [upper, lower, active, inactive], titles: 'above' },
  'persistent-conn': { columns: [weight(9), persistent, active, inactive], titles: 'above' },
};

/** A column of numbers, of services and of their real servers. */
interface NumberColumn {
  readonly title: string;
  readonly value: (statistics: Statistics) => bigint;
  /** Whether a real server's number is never shortened. */
  readonly plain?: boolean;
}

const numberListings: Readonly<Record<'stats' | 'rate', readonly NumberColumn[]>> = {
  stats: [
    { title: 'Conns', value: (s) => s.connections },
    { title: 'InPkts', value: (s) => s.incomingPackets },
    { title: 'OutPkts', value: (s) => s.outgoingPackets },
    { title: 'InBytes', value: (s) => s.incomingBytes },
    { title: 'OutBytes', value: (s) => s.outgoingBytes },
  ],
  rate: [
    { title: 'CPS', value: ({ rates }) => BigInt(rates.connectionsPerSecond), plain: true },
    { title: 'InPPS', value: ({ rates }) => BigInt(rates.incomingPacketsPerSecond), plain: true },
    { title: 'OutPPS', value: ({ rates }) => BigInt(rates.outgoingPacketsPerSecond), plain: true },
    { title: 'InBPS', value: ({ rates }) => BigInt(rates.incomingBytesPerSecond) },
    { title: 'OutBPS', value: ({ rates }) => BigInt(rates.outgoingBytesPerSecond) },
  ],
};

const SERVICE_WIDTH = 33;
const SERVER_WIDTH = 28;
const SERVICE_TITLE = 'Prot LocalAddress:Port';
const SERVER_TITLE = 'RemoteAddress:Port';

/** Writes the lines of one kind of listing, without their ends. */
export interface TableFormat<S extends ServiceState, D extends DestinationState> {
  readonly headings: readonly string[];
  addService(lines: TextPieces, service: S, naming: Naming): void;
  addDestination(lines: TextPieces, service: ServiceId, destination: D, naming: Naming): void;
}

/** The listings of how real servers are set, and what they have to do. */
export function tableFormat(
  columns: keyof typeof listings,
): TableFormat<ServiceState, DestinationState> {
  const listing = listings[columns];
  const titles = listing.columns.map(({ title }) => title);
  const cells = listing.columns.map(({ title, width }) => title.padEnd(width));
  return {
    headings:
      listing.titles === 'beside'
        ? [
            `${SERVICE_TITLE} Scheduler Flags`,
            `  -> ${[SERVER_TITLE.padEnd(SERVER_WIDTH), ...cells.slice(0, -1), titles.at(-1) ?? ''].join(' ')}`,
          ]
        : [[SERVICE_TITLE.padEnd(SERVICE_WIDTH), ...cells].join(' '), `  -> ${SERVER_TITLE}`],
    addService: (lines, { id, settings }, naming) => {
      lines.add(`${formatServiceName(id, naming)} ${formatSettings(settings)}`);
    },
    addDestination: (lines, service, destination, naming) => {
      lines.add('  -> ');
      addServerName(lines, service, destination, naming);
      for (const { value, width } of listing.columns) {
        lines.add(' ');
        lines.addPadded(value(destination), width);
      }
    },
  };
}

/** The listings of counters and rates. */
export function numberFormat(
  columnsName: 'stats' | 'rate',
  exact: boolean,
): TableFormat<VirtualService, Destination> {
  const columns = numberListings[columnsName];
  const format = exact ? exactNumber : shortNumber;
  const titles = columns.map(({ title }) => title.padStart(NUMBER_WIDTH));
  return {
    headings: [SERVICE_TITLE.padEnd(SERVICE_WIDTH) + titles.join(''), `  -> ${SERVER_TITLE}`],
    addService: (lines, { id, statistics }, naming) => {
      lines.addPadded(formatServiceName(id, naming), SERVICE_WIDTH);
      for (const { value } of columns) lines.add(format(value(statistics)));
    },
    addDestination: (lines, service, destination, naming) => {
      lines.add('  -> ');
      addServerName(lines, service, destination, naming);
      for (const { value, plain } of columns)
        lines.add((plain === true ? exactNumber : format)(value(destination.statistics)));
    },
  };
}

/** `TCP  192.0.2.1:80`, `FWM  7 IPv6`. */
function formatServiceName(id: ServiceId, naming: Naming): string {
  if (isMark(id)) return `FWM  ${id.firewallMark}${id.family === 'ipv6' ? ' IPv6' : ''}`;
  return `${id.protocol.toUpperCase().padEnd(4)} ${formatEndpoint(id, id.protocol, naming)}`;
}

function addServerName(
  lines: TextPieces,
  service: ServiceId,
  { id }: DestinationState,
  naming: Naming,
): void {
  const end = lines.length + SERVER_WIDTH;
  addEndpoint(lines, id, isMark(service) ? undefined : service.protocol, naming);
  lines.padTo(end);
}

function formatSettings(settings: ServiceSettings): string {
  const { scheduler, schedulerFlags, persistence, persistenceEngine, onePacket } = settings;
  const words = [scheduler];
  if (schedulerFlags.length > 0)
    words.push(`(${listedFlags(scheduler, schedulerFlags).join(',')})`);
  if (persistence !== undefined) {
    words.push(`persistent ${persistence.timeoutSeconds}`);
    const mask = formatMask(persistence);
    if (mask !== undefined) words.push(`mask ${mask}`);
    if (persistenceEngine !== undefined) words.push(`pe ${persistenceEngine}`);
  }
  if (onePacket) words.push('ops');
  return words.join(' ');
}

const checksumMarks = { none: '-c', full: '+c', remote: 'r+c' } as const;

function formatTunnel(info: Tunnel | undefined): string {
  switch (info?.type) {
    case 'ipip':
      return 'ipip';
    case 'gue':
      return `gue:${info.port}:${checksumMarks[info.checksum]}`;
    case 'gre':
      return `gre:${checksumMarks[info.checksum]}`;
    case 'unknown':
    case undefined:
      return 'n/a';
  }
}

export function formatTimeouts({ tcpSeconds, tcpFinSeconds, udpSeconds }: Timeouts): string {
  return `Timeout (tcp tcpfin udp): ${tcpSeconds} ${tcpFinSeconds} ${udpSeconds}`;
}

/** What older kernels do not say is left out. */
export function formatDaemon(daemon: SyncDaemon): string {
  const facts = [`mcast=${daemon.interface}`, `syncid=${daemon.syncId}`];
  if (daemon.maximumLength !== undefined) facts.push(`maxlen=${daemon.maximumLength}`);
  if (daemon.group !== undefined) facts.push(`group=${daemon.group}`);
  if (daemon.port !== undefined) facts.push(`port=${daemon.port}`);
  if (daemon.ttl !== undefined) facts.push(`ttl=${daemon.ttl}`);
  return `${daemon.state} sync daemon (${facts.join(', ')})`;
}

export function connectionHeadings(persistenceData: boolean): string[] {
  const columns = ['state'.padEnd(11), 'source'.padEnd(18), 'virtual'.padEnd(18)];
  const last = persistenceData
    ? ['destination'.padEnd(18), 'pe name'.padEnd(16), 'pe_data']
    : ['destination'];
  return ['IPVS connection entries', `pro expire ${[...columns, ...last].join(' ')}`];
}

export function formatConnection(
  connection: Connection,
  naming: Naming,
  persistenceData: boolean,
): string {
  const { protocol, state, expiresInSeconds, persistenceEngine } = connection;
  const expires = `${twoDigits(Math.floor(expiresInSeconds / 60))}:${twoDigits(expiresInSeconds % 60)}`;
  const source = padded(formatEndpoint(connection.source, protocol, naming), 18);
  const virtual = padded(formatEndpoint(connection.virtual, protocol, naming), 18);
  const destination = formatEndpoint(connection.destination, protocol, naming);
  const line = `${padded(protocol.toUpperCase(), 3)} ${padded(expires, 6)} ${padded(state, 11)} ${source} ${virtual}`;
  if (!persistenceData || persistenceEngine === undefined) return `${line} ${destination}`;
  // Other widths than the heading's: as the genuine program has it.
  const engine = `${padded(destination, 16)} ${padded(persistenceEngine, 18)}`;
  return `${line} ${engine} ${connection.persistenceData ?? ''}`;
}

function twoDigits(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}
