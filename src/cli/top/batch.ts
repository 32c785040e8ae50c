import { GAP, layoutOf } from './layout.js';
import { cutToWidth, padToWidth } from '../../terminal/text-width.js';
import { columnsOf } from './state.js';
import type { TopState } from './state.js';
import { ratesText } from './totals.js';

/** All rows as plain text, in columns as wide as they need be. @returns lines with their ends. */
export function frameText(state: TopState): string {
  const { sample, opened, openedSample, rows, isExact } = state;
  const service = sample?.services.find(({ key }) => key === opened);
  const rates = opened === undefined ? sample?.total : service?.rates;
  const head = [`ipvs top  ${sample?.clock ?? ''}`, ...(opened === undefined ? [] : [opened])];
  const lines = [head.join(GAP), ratesText(rates, isExact)];
  if (opened !== undefined && openedSample?.servers === undefined) {
    return text([...lines, 'This service no longer exists.']);
  }
  const idWidth = rows.reduce((most, { key }) => Math.max(most, key.length), 0);
  const layout = layoutOf(columnsOf(state), rows, { idWidth, width: Infinity, isExact });
  const columns = layout?.columns ?? [];
  const titles = columns.map(({ column, width }) => padToWidth(column.title, width, column.align));
  const body = rows.map((_, index) =>
    columns.map(({ column, width, cells }) =>
      padToWidth(cutToWidth(cells[index] ?? '', width), width, column.align),
    ),
  );
  return text([...lines, ...[titles, ...body].map((cells) => cells.join(GAP))]);
}

/** Lines with their ends, and an empty one that ends the frame. */
const text = (lines: readonly string[]): string =>
  [...lines, ''].map((line) => `${line.trimEnd()}\n`).join('');
