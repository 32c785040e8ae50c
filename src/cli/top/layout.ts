import { textWidth } from '../../terminal/text-width.js';
import type { Column } from './columns.js';
import type { Row } from './sample.js';

/** A column where it has its place, and its cells. */
export interface PlacedColumn {
  readonly column: Column;
  readonly width: number;
  readonly cells: readonly string[];
}

/** Columns that fit beside each other. */
export interface Layout {
  readonly columns: readonly PlacedColumn[];
  /** What is left behind the last one. */
  readonly room: number;
}

export const GAP = '  ';

/** So much is kept for the history of rates, before columns that matter less get their place. */
export const HISTORY_WIDTH = 12;
/** Columns with a higher rank give way to it. */
const HISTORY_RANK = 6;
const HISTORY_ROOM = GAP.length + HISTORY_WIDTH;

/**
 * The columns that there is room for. Numbers do not make a column wider that has room for its title, so that it stands still.
 * @param rows those on the screen.
 * @param idWidth of the widest address, also of rows that are not on the screen: it is never cut.
 * @returns undefined when there is no room even for addresses.
 */
export function layoutOf(
  columns: readonly Column[],
  rows: readonly Row[],
  {
    idWidth,
    width,
    isExact,
  }: { readonly idWidth: number; readonly width: number; readonly isExact: boolean },
): Layout | undefined {
  const placed = columns.map((column): PlacedColumn => {
    const cells = rows.map((row) => column.text(row, isExact));
    const widest = cells.reduce((most, cell) => Math.max(most, textWidth(cell)), 0);
    // Beside the title there is room for what says that rows are sorted by it.
    const needed = Math.max(column.title.length + 1, column.rank === 0 ? idWidth : widest);
    return {
      column,
      cells,
      width: Math.min(needed, width === Infinity ? width : (column.maxWidth ?? Infinity)),
    };
  });
  const wanted = placed.filter(({ column, cells }) => isWorthShowing(column, cells));
  const chosen = new Set<PlacedColumn>();
  let room = width + GAP.length;
  for (const one of [...wanted].sort((a, b) => a.column.rank - b.column.rank)) {
    const needed = one.width + GAP.length;
    const kept = one.column.rank > HISTORY_RANK && room >= HISTORY_ROOM ? HISTORY_ROOM : 0;
    if (needed > room - kept) {
      if (one.column.rank === 0) return undefined;
      continue;
    }
    chosen.add(one);
    room -= needed;
  }
  return { columns: wanted.filter((one) => chosen.has(one)), room: Math.max(0, room - GAP.length) };
}

/** Columns that are left out where no row has anything in them. */
const OPTIONAL = ['name', 'health', 'why'];

/** Whether rows have anything in a column. */
export function isWorthShowing({ key }: Column, cells: readonly string[]): boolean {
  return !OPTIONAL.includes(key) || cells.some((cell) => cell !== '');
}
