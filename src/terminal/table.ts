/** A column of a table. */
export interface Column {
  readonly title: string;
  /** Numbers stand to the right. Default: left. */
  readonly align?: 'left' | 'right';
}

/**
 * Rows below their titles, without borders, in columns as wide as their widest cell: nothing is cut. Cells may have colours.
 * @returns lines with their ends.
 */
export async function tableText(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): Promise<string> {
  const widths = plainWidths(columns, rows);
  return widths === undefined ? measuredTable(columns, rows) : paddedTable(columns, rows, widths);
}

// eslint-disable-next-line no-control-regex -- what colours are made of
const COLOUR = /\u001B\[[\d;]*m/g;
const ASCII = /^[ -~]*$/;

/**
 * The widths of columns whose cells are all of ASCII, which needs no table of characters: cli-table3 takes half a
 * millisecond for a row, and tables have ten thousands of rows.
 * @returns undefined when a cell has another character.
 */
function plainWidths(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): number[] | undefined {
  const widths = columns.map(({ title }) => title.length);
  for (const row of rows) {
    for (const [index, cell] of row.entries()) {
      const text = visible(cell);
      if (!ASCII.test(text)) return undefined;
      widths[index] = Math.max(widths[index] ?? 0, text.length);
    }
  }
  return widths;
}

const visible = (cell: string): string =>
  cell.includes('\u001B') ? cell.replace(COLOUR, '') : cell;

function paddedTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  widths: readonly number[],
): string {
  const padded = (cell: string, index: number): string => {
    const blanks = ' '.repeat((widths[index] ?? 0) - visible(cell).length);
    return columns[index]?.align === 'right' ? blanks + cell : cell + blanks;
  };
  const lines = [columns.map(({ title }) => title), ...rows];
  return lines.map((line) => `${line.map(padded).join(GAP).trimEnd()}\n`).join('');
}

/** As {@link tableText}, with the widths that terminals have for other characters than those of ASCII. */
async function measuredTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): Promise<string> {
  // Only verbs that print a table wait for it to load.
  const { default: Table } = await import('cli-table3');
  const table = new Table({
    head: columns.map(({ title }) => title),
    colAligns: columns.map(({ align = 'left' }) => align),
    chars: NO_BORDERS,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  for (const row of rows) table.push([...row]);
  // Blanks at the ends of lines would wrap on a narrow terminal.
  const lines = table.toString().split('\n');
  return lines.map((line) => `${line.trimEnd()}\n`).join('');
}

/** Between columns. */
const GAP = '  ';

const NO_BORDERS = {
  ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '' },
  ...{ bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '' },
  ...{ left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '' },
  middle: GAP,
};
