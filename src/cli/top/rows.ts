import type { Row } from './sample.js';
import type { Column } from './columns.js';
import type { Order } from './order.js';

/**
 * Rows that contain a text, whatever its case, in an order; equal ones by traffic, then as they come: by address.
 */
export function chosenRows<R extends Row>(
  rows: readonly R[],
  columns: readonly Column<R>[],
  filter: string,
  { key, isAscending }: Order,
): readonly R[] {
  const wanted = filter.toLowerCase();
  const found = wanted === '' ? rows : rows.filter((row) => contains(row, wanted));
  if (key === columns[0]?.key) return isAscending ? found : found.toReversed();
  const value = columns.find((column) => column.key === key)?.value ?? (() => 0);
  const sign = isAscending ? 1 : -1;
  const keyed = found.map((row) => ({ row, value: value(row) }));
  keyed.sort(
    (a, b) =>
      sign * compare(a.value, b.value) ||
      b.row.rates.incomingBytesPerSecond - a.row.rates.incomingBytesPerSecond,
  );
  return keyed.map(({ row }) => row);
}

function compare(a: number | string, b: number | string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function contains(row: Row, wanted: string): boolean {
  if (row.key.includes(wanted)) return true;
  return row.kind === 'service' && row.name.toLowerCase().includes(wanted);
}
