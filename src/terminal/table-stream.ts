import type { Column } from './table.js';

/** Rows that the widths of columns are taken from, before the first line is printed. */
const ROWS_SEEN = 500;

/**
 * A table that is printed while it is made, in little memory however many rows it has. Its columns are as wide as the cells
 * of its first rows want them; a later cell that is wider moves the rest of its line. Cells are plain ASCII.
 */
export class TableStream {
  readonly #columns: readonly Column[];
  #kept: (readonly string[])[] = [];
  #widths: readonly number[] | undefined;

  constructor(columns: readonly Column[]) {
    this.#columns = columns;
  }

  /** Takes rows. @returns the lines that are ready, each with its end. */
  push(rows: readonly (readonly string[])[]): string {
    if (this.#widths !== undefined) return this.#lines(rows, this.#widths);
    for (const row of rows) this.#kept.push(row);
    return this.#kept.length < ROWS_SEEN ? '' : this.#begin();
  }

  /** @returns the lines that were not ready before; of an empty table the titles. */
  end(): string {
    return this.#widths === undefined ? this.#begin() : '';
  }

  #begin(): string {
    const rows = [this.#columns.map(({ title }) => title), ...this.#kept];
    this.#kept = [];
    const widths = this.#columns.map((_, index) =>
      rows.reduce((width, row) => Math.max(width, row[index]?.length ?? 0), 0),
    );
    this.#widths = widths;
    return this.#lines(rows, widths);
  }

  #lines(rows: readonly (readonly string[])[], widths: readonly number[]): string {
    let text = '';
    for (const row of rows) {
      const cells = row.map((cell, index) => {
        const width = widths[index] ?? 0;
        return this.#columns[index]?.align === 'right' ? cell.padStart(width) : cell.padEnd(width);
      });
      text += `${cells.join('  ').trimEnd()}\n`;
    }
    return text;
  }
}
