/** The results as a table, for people and for README.md, and as JSON. */
import { figureOf, median } from './result.js';
import type { Result, Target, Unit } from './result.js';

/** A result, and the row it belongs to. */
export interface Entry {
  readonly row: string;
  readonly result: Result;
}

/** Where and when it was measured. */
export interface Circumstances {
  readonly node: string;
  readonly machine: string;
  readonly date: string;
}

const HEADINGS = ['Row', 'What', 'Ours', 'Beside it', 'Ratio', 'Target', 'Reached'];

export function textTable(entries: readonly Entry[]): string {
  const rows = [HEADINGS, ...cellsOf(entries)];
  const widths = HEADINGS.map((_, column) => Math.max(...rows.map((row) => width(row[column]))));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return [...lines, ...notesOf(entries)].map((line) => `${line}\n`).join('');
}

export function markdownTable(entries: readonly Entry[]): string {
  const rows = [HEADINGS, HEADINGS.map(() => '---'), ...cellsOf(entries)];
  const lines = rows.map((row) => `| ${row.join(' | ')} |`);
  const notes = notesOf(entries);
  return [...lines, ...(notes.length === 0 ? [] : ['', ...notes])]
    .map((line) => `${line}\n`)
    .join('');
}

export function json(entries: readonly Entry[], circumstances: Circumstances): string {
  const results = entries.map(({ row, result }) => {
    const figure = figureOf(result);
    return {
      row,
      ...result,
      median: median(result.ours),
      ...(result.other && { otherMedian: median(result.other.values) }),
      ...(figure && { figure: figure.value, reached: figure.reached }),
    };
  });
  return `${JSON.stringify({ ...circumstances, results }, undefined, 2)}\n`;
}

/** How many targets were reached, in one line. */
export function summary(entries: readonly Entry[]): string {
  const aimed = entries.filter(({ result }) => result.target !== undefined);
  const figures = aimed.flatMap(({ result }) => figureOf(result) ?? []);
  const missed = figures.filter(({ reached }) => !reached).length;
  const open = aimed.length - figures.length;
  const rest = open === 0 ? '' : `, ${open} not measured`;
  return `${figures.length - missed} targets reached, ${missed} missed${rest}\n`;
}

function cellsOf(entries: readonly Entry[]): string[][] {
  return entries.map(({ row, result }) => {
    const { what, unit, ours, other, target } = result;
    const figure = figureOf(result);
    return [
      row,
      what,
      spread(ours, unit),
      other === undefined ? '' : `${other.name} ${spread(other.values, unit)}`,
      figure === undefined || !isRatio(target) ? '' : figure.value.toFixed(2),
      target === undefined ? '' : targetText(target, unit),
      figure === undefined ? '' : figure.reached ? 'yes' : 'NO',
    ];
  });
}

function notesOf(entries: readonly Entry[]): string[] {
  const notes = entries.flatMap(({ row, result: { note } }) =>
    note === undefined ? [] : `${row}: ${note}`,
  );
  return [...new Set(notes)];
}

const isRatio = (target: Target | undefined): boolean =>
  target?.kind === 'faster' || target?.kind === 'slower';

function targetText(target: Target, unit: Unit): string {
  switch (target.kind) {
    case 'faster':
      return `≥ ${target.atLeast} × the speed`;
    case 'slower':
      return `≤ ${target.atMost} × the ${unit === 'cores' ? 'CPU' : 'time'}`;
    case 'below':
      return `≤ ${quantity(target.atMost, unit)}`;
    case 'above':
      return `≥ ${quantity(target.atLeast, unit)}`;
  }
}

/** The median, and what lies around it. */
function spread(values: readonly number[], unit: Unit): string {
  const middle = quantity(median(values), unit);
  if (values.length < 2) return middle;
  const [lowest, highest] = [Math.min(...values), Math.max(...values)];
  return `${middle} (${quantity(lowest, unit)} to ${quantity(highest, unit)})`;
}

export function quantity(value: number, unit: Unit): string {
  if (unit === 'MB') return `${value.toFixed(value < 100 ? 1 : 0)} MB`;
  if (unit === 'cores' || unit === '%') return `${value.toFixed(2)} ${unit}`;
  if (unit === 'batches') return `${value} ${unit}`;
  if (unit === 'lines/s') return `${Math.round(value).toLocaleString('en')} lines/s`;
  if (value >= 1000) return `${Number((value / 1000).toFixed(2))} s`;
  return `${Number(value.toFixed(value < 100 ? 1 : 0))} ms`;
}

const width = (cell = ''): number => cell.length;
