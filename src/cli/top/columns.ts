import { printable } from '../../common/printable.js';
import type { Rates } from '../../ipvs/model/statistics.js';
import type { Colours } from '../../terminal/colours.js';
import type { ServiceState } from '../../agent/health/health.js';
import { exactDigits, shortBytes, shortNumber } from '../../terminal/human.js';
import type { Row, ServerRow, ServiceRow } from './sample.js';

/** A column: of it derive titles, cells, sorting and what `--sort` takes. */
export interface Column<R extends Row = Row> {
  /** What `--sort` calls it. */
  readonly key: string;
  readonly title: string;
  /** The first that go where there is no room for all have the highest number; 0 stays always. */
  readonly rank: number;
  readonly align: 'left' | 'right';
  /** The widest that it gets; longer text is cut. */
  readonly maxWidth?: number;
  readonly text: (row: R, isExact: boolean) => string;
  readonly style?: (row: R) => keyof Colours | undefined;
  /** What rows are sorted by: numbers begin with the largest. */
  readonly value: (row: R) => number | string;
}

/** The longest name that is shown in full beside numbers. */
const NAME_WIDTH = 16;
const WHY_WIDTH = 32;

/** Text from outside, without what would control the terminal or change the direction of a line. */
export function shownText(text: string): string {
  return printable(text).replaceAll(/[\t\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}]/gu, '?');
}

const RATES = {
  connections: 'connectionsPerSecond',
  incomingPackets: 'incomingPacketsPerSecond',
  outgoingPackets: 'outgoingPacketsPerSecond',
  incomingBytes: 'incomingBytesPerSecond',
  outgoingBytes: 'outgoingBytesPerSecond',
} as const satisfies Readonly<Record<string, keyof Rates>>;

/** The rate that rows are sorted by; that of connections where they are sorted by something else. */
export function rateOf(order: string): keyof Rates {
  return Object.hasOwn(RATES, order) ? RATES[order as keyof typeof RATES] : RATES.connections;
}

function rateColumn(
  key: keyof typeof RATES,
  title: string,
  rank: number,
  short: (value: number) => string,
): Column {
  const rate = RATES[key];
  return {
    key,
    title,
    rank,
    align: 'right',
    text: ({ rates }, isExact) => (isExact ? exactDigits : short)(rates[rate]),
    style: ({ rates }) => (rates[rate] === 0 ? 'faint' : undefined),
    value: ({ rates }) => rates[rate],
  };
}

const rateColumns: readonly Column[] = [
  rateColumn('connections', 'CONN/S', 1, shortNumber),
  rateColumn('incomingPackets', 'IN PKT/S', 7, shortNumber),
  rateColumn('outgoingPackets', 'OUT PKT/S', 8, shortNumber),
  rateColumn('incomingBytes', 'IN/S', 2, shortBytes),
  rateColumn('outgoingBytes', 'OUT/S', 3, shortBytes),
];

/** The worst is the last. */
const severities: readonly (ServiceState | undefined)[] = [
  ...([undefined, 'ok', 'degraded', 'sorry', 'fail-open', 'down'] as const),
];

const styleOfHealth: Readonly<Record<ServiceState, keyof Colours | undefined>> = {
  ok: 'good',
  degraded: 'warning',
  sorry: 'bad',
  'fail-open': 'bad',
  down: 'bad',
};

const idColumn = (key: string, title: string): Column => ({
  key,
  title,
  rank: 0,
  align: 'left',
  text: (row) => row.key,
  value: (row) => row.key,
});

export const serviceColumns: readonly Column<ServiceRow>[] = [
  idColumn('service', 'SERVICE'),
  {
    key: 'name',
    title: 'NAME',
    rank: 4,
    align: 'left',
    maxWidth: NAME_WIDTH,
    text: ({ name }) => shownText(name),
    value: ({ name }) => name,
  },
  {
    key: 'health',
    title: 'HEALTH',
    rank: 1,
    align: 'left',
    text: ({ health }) =>
      health === undefined ? '' : `${health.state} ${health.up}/${health.servers.length}`,
    style: ({ health }) => styleOfHealth[health?.state ?? 'ok'],
    value: ({ health }) => severities.indexOf(health?.state),
  },
  ...rateColumns,
];

function countColumn(
  key: 'weight' | 'active' | 'inactive' | 'persistent',
  title: string,
  rank: number,
): Column<ServerRow> {
  return {
    key,
    title,
    rank,
    align: 'right',
    text: (row) => String(row[key]),
    value: (row) => row[key],
  };
}

/** What is the matter with a real server, as far as the agent or else the kernel says. */
function stateOf({ isFull, weight, active, inactive, health }: ServerRow): string {
  if (health !== undefined && health.state !== 'up') return health.state;
  if (weight === 0) return active + inactive > 0 ? 'draining' : 'drained';
  return isFull ? 'overloaded' : '';
}

export const serverColumns: readonly Column<ServerRow>[] = [
  idColumn('server', 'SERVER'),
  { ...textColumn('method', 'METHOD', 9), text: ({ method }) => method },
  countColumn('weight', 'WEIGHT', 2),
  {
    ...textColumn('state', 'STATE', 4),
    text: stateOf,
    style: ({ weight, health }) => (weight === 0 && health?.state !== 'down' ? 'warning' : 'bad'),
  },
  countColumn('active', 'ACTIVE', 1),
  countColumn('inactive', 'INACT', 6),
  countColumn('persistent', 'PERSIST', 10),
  {
    key: 'why',
    title: 'WHY',
    rank: 5,
    align: 'left',
    maxWidth: WHY_WIDTH,
    text: ({ health }) => (health?.state === 'up' ? '' : shownText(health?.reason ?? '')),
    value: ({ health }) => health?.reason ?? '',
  },
  ...rateColumns.map((column) => ({ ...column, rank: column.rank + 2 })),
];

function textColumn(key: 'method' | 'state', title: string, rank: number) {
  const value = (row: ServerRow): string => (key === 'method' ? row.method : stateOf(row));
  return { key, title, rank, align: 'left', value } as const;
}
