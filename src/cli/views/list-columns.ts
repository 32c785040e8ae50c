import type { Destination } from '../../ipvs/model/destination.js';
import { formatServiceId, isMark } from '../../ipvs/model/service.js';
import type { ServiceId } from '../../ipvs/model/service.js';
import type { Rates, Statistics } from '../../ipvs/model/statistics.js';
import { formatEndpoint } from '../../rules/format-endpoint.js';
import type { Naming } from '../../rules/format-endpoint.js';
import { percent } from '../../terminal/human.js';
import type { NamedService } from '../table-reader.js';
import { serverStatus, serviceRemarks, serviceStatus } from './list-status.js';

/** What stands in a cell, before it is text. */
type Value = string | number | bigint;

/** An option that adds columns. */
export type ColumnGroup = 'stats' | 'rates' | 'thresholds' | 'persistent' | 'wide';

/** A column of `ipvs list`: the table, --columns, --sort, completions and the manual derive from it. */
export interface ListColumn {
  readonly key: string;
  readonly title: string;
  /** For completions and the manual. */
  readonly help: string;
  /** Of numbers, which stand to the right: plain, shortened, or bytes. Default: text. */
  readonly kind?: 'number' | 'count' | 'bytes';
  /** The option that adds it; undefined: it is always there. `-o wide` adds all. */
  readonly group?: ColumnGroup;
  /** Left out where it would be empty, unless it is asked for. */
  readonly isOptional?: true;
  /** What is shown of a service, and what it is sorted by. */
  readonly service?: (service: NamedService, naming: Naming) => Value | undefined;
  readonly server?: (
    server: Destination,
    service: NamedService,
    naming: Naming,
  ) => Value | undefined;
  /** What services are sorted by, where they show nothing. */
  readonly order?: (service: NamedService) => Value;
  /** What real servers are sorted by, where they show something else. */
  readonly serverOrder?: (server: Destination) => Value;
}

/** A sum over the real servers of a service. */
const sumOf =
  (count: (server: Destination) => number) =>
  ({ destinations }: NamedService): number =>
    destinations.reduce((sum, server) => sum + count(server), 0);

const weightOf = sumOf(({ settings }) => settings.weight);

function serviceText(id: ServiceId, naming: Naming): string {
  return isMark(id)
    ? formatServiceId(id)
    : `${id.protocol}:${formatEndpoint(id, id.protocol, naming)}`;
}

/** A real server by its address and port, or their names. */
export function serverText({ id }: Destination, service: NamedService, naming: Naming): string {
  const protocol = isMark(service.id) ? undefined : service.id.protocol;
  return formatEndpoint(id, protocol, naming);
}

/** Connections of real servers now; a service shows their sum. */
function connectionColumn(
  column: Pick<ListColumn, 'key' | 'title' | 'help' | 'group'>,
  count: (server: Destination) => number,
): ListColumn {
  return { ...column, kind: 'number', service: sumOf(count), server: count };
}

/** Of services and of real servers alike. */
function statisticsColumn(
  column: Pick<ListColumn, 'key' | 'title' | 'help' | 'kind' | 'group'>,
  value: (statistics: Statistics) => Value,
): ListColumn {
  const shown = ({ statistics }: { readonly statistics: Statistics }) => value(statistics);
  return { ...column, service: shown, server: shown };
}

type CounterName = keyof Omit<Statistics, 'rates' | 'toJSON'>;

const counter = (
  key: CounterName,
  title: string,
  help: string,
  kind: 'count' | 'bytes' = 'count',
): ListColumn =>
  statisticsColumn({ key, title, help, kind, group: 'stats' }, (statistics) => statistics[key]);

const rate = (
  key: keyof Rates,
  title: string,
  help: string,
  kind: 'count' | 'bytes' = 'count',
): ListColumn =>
  statisticsColumn({ key, title, help, kind, group: 'rates' }, ({ rates }) => rates[key]);

/** All columns, in the order in which they stand. */
export const listColumns: readonly ListColumn[] = [
  {
    key: 'service',
    title: 'SERVICE',
    help: 'the virtual service, and below it its real servers',
    service: ({ id }, naming) => serviceText(id, naming),
  },
  {
    key: 'server',
    title: 'SERVER',
    help: 'the real server; with this column each line has service and real server',
    server: serverText,
  },
  {
    key: 'name',
    title: 'NAME',
    help: 'the name of the service in the state file',
    isOptional: true,
    service: ({ name }) => name,
  },
  {
    key: 'scheduler',
    title: 'SCHED',
    help: 'the scheduler',
    service: ({ settings }) => settings.scheduler,
  },
  {
    key: 'method',
    title: 'METHOD',
    help: 'how packets reach the real server: nat, dr, tun or local',
    server: ({ settings }) => settings.forwardingMethod,
  },
  {
    key: 'tunnel',
    title: 'TUNNEL',
    help: 'the encapsulation of method tun',
    group: 'wide',
    isOptional: true,
    server: ({ settings: { tunnel } }) =>
      tunnel && (tunnel.port === 0 ? tunnel.type : `${tunnel.type}:${tunnel.port}`),
  },
  {
    key: 'weight',
    title: 'WEIGHT',
    help: 'the weight of the real server',
    kind: 'number',
    server: ({ settings }) => settings.weight,
    order: weightOf,
  },
  {
    key: 'share',
    title: 'SHARE',
    help: 'its part of all weights of the service',
    kind: 'number',
    server: ({ settings }, service) => percent(settings.weight, weightOf(service)),
    order: weightOf,
    serverOrder: ({ settings }) => settings.weight,
  },
  {
    key: 'upperThreshold',
    title: 'UPPER',
    help: 'connections from which on the real server gets no new ones; 0: no limit',
    kind: 'number',
    group: 'thresholds',
    server: ({ settings }) => settings.upperThreshold,
    order: sumOf(({ settings }) => settings.upperThreshold),
  },
  {
    key: 'lowerThreshold',
    title: 'LOWER',
    help: 'connections below which it gets new ones again; 0: three quarters of the upper threshold',
    kind: 'number',
    group: 'thresholds',
    server: ({ settings }) => settings.lowerThreshold,
    order: sumOf(({ settings }) => settings.lowerThreshold),
  },
  connectionColumn(
    { key: 'active', title: 'ACTIVE', help: 'active connections' },
    ({ activeConnections }) => activeConnections,
  ),
  connectionColumn(
    { key: 'inactive', title: 'INACT', help: 'inactive connections' },
    ({ inactiveConnections }) => inactiveConnections,
  ),
  connectionColumn(
    { key: 'persistent', title: 'PERSIST', help: 'persistence templates', group: 'persistent' },
    ({ persistentConnections }) => persistentConnections,
  ),
  counter('connections', 'CONNS', 'connections since the last zeroing'),
  counter('incomingPackets', 'INPKTS', 'packets from clients'),
  counter('outgoingPackets', 'OUTPKTS', 'packets to clients'),
  counter('incomingBytes', 'INBYTES', 'bytes from clients', 'bytes'),
  counter('outgoingBytes', 'OUTBYTES', 'bytes to clients', 'bytes'),
  rate('connectionsPerSecond', 'CPS', 'connections per second'),
  rate('incomingPacketsPerSecond', 'INPPS', 'packets from clients per second'),
  rate('outgoingPacketsPerSecond', 'OUTPPS', 'packets to clients per second'),
  rate('incomingBytesPerSecond', 'INBPS', 'bytes from clients per second', 'bytes'),
  rate('outgoingBytesPerSecond', 'OUTBPS', 'bytes to clients per second', 'bytes'),
  {
    key: 'status',
    title: 'STATUS',
    help: 'what is worth a look: draining, drained, overloaded, no servers; persistence and flags',
    isOptional: true,
    service: (service) => statusText(serviceStatus(service)?.word, serviceRemarks(service)),
    server: (server) => serverStatus(server)?.word,
  },
];

function statusText(word: string | undefined, remarks: readonly string[]): string | undefined {
  const words = [...(word === undefined ? [] : [word]), ...remarks];
  return words.length === 0 ? undefined : words.join(', ');
}

/** The columns that are shown without --columns: those of the groups, and those that are always there. */
export function columnsOf(groups: ReadonlySet<ColumnGroup>): readonly ListColumn[] {
  const all = groups.has('wide');
  return listColumns.filter(
    ({ key, group }) => key !== 'server' && (group === undefined || all || groups.has(group)),
  );
}

/** @throws RangeError when a word is no column. */
export function readColumns(text: string): readonly ListColumn[] {
  return text.split(',').map((word) => columnNamed(word, '--columns'));
}

/** By what services and their real servers are sorted. */
export interface Sorting {
  readonly column: ListColumn;
  readonly isDescending: boolean;
}

/** Reads `weight` or `weight:desc`. @throws RangeError */
export function readSorting(text: string): Sorting {
  const [, key = '', direction] = /^([^:]*)(?::(asc|desc))?$/.exec(text) ?? [];
  return { column: columnNamed(key, '--sort'), isDescending: direction === 'desc' };
}

function columnNamed(key: string, option: string): ListColumn {
  const column = listColumns.find((one) => one.key === key);
  if (column !== undefined) return column;
  const keys = listColumns.map((one) => one.key).join(', ');
  throw new RangeError(`${option} ${JSON.stringify(key)}: no such column. Columns: ${keys}`);
}
