import { formatServiceId } from '../../ipvs/model/service.js';
import { exactDigits, shortBytes, shortNumber } from '../../terminal/human.js';
import { tableText } from '../../terminal/table.js';
import { listColumns } from './list-columns.js';
import type { ListColumn } from './list-columns.js';
import type { Measured, PrintSample, Sample, StatsStyle } from './stats-sample.js';

const TOTAL = 'total';

/** The columns of `ipvs list` with these numbers. */
const columnsOf = (group: 'stats' | 'rates') =>
  listColumns.filter((column) => column.group === group);

/** Counters as a table; with an interval, lines of rates below titles. */
export const printStatsTable: PrintSample = async (sample, style, { output }, moment) => {
  if (moment === 'once') return output.lines(await countersTable(sample, style));
  if (moment === 'first') await output.line(rateLine('TIME', 'SERVICE', titles(), sample, style));
  for (const line of rateLines(sample, style)) await output.line(line);
};

function countersTable(sample: Sample, style: StatsStyle): Promise<string> {
  const columns = columnsOf('stats');
  const hasNames = sample.services.some(({ name }) => name !== undefined);
  const nameCell = (name = '') => (hasNames ? [name] : []);
  const rows = sample.services.map(({ id, name, ...measured }) => [
    formatServiceId(id),
    ...nameCell(name),
    ...columns.map((column) => numberText(measured, column, style)),
  ]);
  const total = columns.map((column) => numberText(sample.total, column, style));
  return tableText(
    [
      { title: 'SERVICE' },
      ...(hasNames ? [{ title: 'NAME' }] : []),
      ...columns.map(({ title }) => ({ title, align: 'right' as const })),
    ],
    [...rows, [TOTAL, ...nameCell(), ...total]],
  );
}

function numberText(
  { statistics, rates }: Measured,
  { key, kind }: ListColumn,
  { isExact }: StatsStyle,
): string {
  const values: Readonly<Record<string, number | bigint>> = { ...statistics, ...rates };
  const value = values[key] ?? 0;
  if (isExact) return exactDigits(value);
  return kind === 'bytes' ? shortBytes(value) : shortNumber(value);
}

const titles = () => columnsOf('rates').map(({ title }) => title);

/** A line for each service and one for all, or that alone. */
function rateLines(sample: Sample, style: StatsStyle): readonly string[] {
  const time = sample.time.toTimeString().slice(0, 8);
  const cells = (measured: Measured) =>
    columnsOf('rates').map((column) => numberText(measured, column, style));
  const line = (name: string, measured: Measured) =>
    rateLine(time, name, cells(measured), sample, style);
  const own = style.hasServices
    ? sample.services.map(({ id, ...measured }) => line(formatServiceId(id), measured))
    : [];
  // The total of one service would say it twice.
  return own.length === 1 ? own : [...own, line(TOTAL, sample.total)];
}

/** Widths stay the same while lines are added. */
function rateLine(
  time: string,
  name: string,
  cells: readonly string[],
  { services }: Sample,
  { isExact, hasServices }: StatsStyle,
): string {
  const widest = Math.max(
    ...services.map(({ id }) => formatServiceId(id).length),
    'SERVICE'.length,
  );
  const numbers = cells.map((cell) => cell.padStart(isExact ? 12 : 7));
  return [time.padEnd(8), ...(hasServices ? [name.padEnd(widest)] : []), ...numbers].join('  ');
}
