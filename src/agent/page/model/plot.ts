/** Plots as paths of SVG. A gap in what is known is a gap in the plot. */

export interface Plot {
  readonly line: string;
  readonly area: string;
}

export interface PlotSize {
  readonly width: number;
  readonly height: number;
  /** How many points an hour has: shorter histories begin further right. */
  readonly points: number;
}

type Known = number | null;

/** The greatest of each few neighbours: a peak must not vanish because the plot is narrow. */
export function thinned(values: readonly Known[], most: number): readonly Known[] {
  const step = Math.ceil(values.length / most);
  if (step <= 1) return values;
  const kept: Known[] = [];
  // From the newest back, so that a peak does not change its shape with each new point.
  for (let end = values.length; end > 0; end -= step) {
    let greatest: Known = null;
    for (const value of values.slice(Math.max(0, end - step), end)) {
      if (value !== null && (greatest === null || value > greatest)) greatest = value;
    }
    kept.unshift(greatest);
  }
  return kept;
}

export function plotOf(values: readonly Known[], size: PlotSize): Plot {
  const most = Math.max(2, Math.floor(size.width / 1.5));
  const perPoint = Math.max(1, Math.ceil(values.length / most));
  const points = thinned(values, most);
  const highest = highestOf(points);
  const slots = Math.max(2, Math.ceil(size.points / perPoint), points.length);
  const step = size.width / (slots - 1);
  const start = size.width - step * (points.length - 1);
  const scale = highest === 0 ? 0 : (size.height - 2) / highest;
  const x = (index: number) => digits(start + index * step);
  const y = (value: number) => digits(size.height - 1 - value * scale);
  let line = '';
  let area = '';
  for (const { from, run } of runsOf(points)) {
    const corners = run.map((value, index) => `${x(from + index)} ${y(value)}`);
    // A single point would be nothing to see.
    const path = `M${corners.join('L')}${run.length === 1 ? 'h1' : ''}`;
    line += path;
    area += `${path}V${size.height}H${x(from)}Z`;
  }
  return { line, area };
}

/** What the top of a plot stands for. */
export function highestOf(values: readonly Known[]): number {
  return values.reduce<number>((top, value) => Math.max(top, value ?? 0), 0);
}

/** What is known without a gap. */
function runsOf(points: readonly Known[]): { from: number; run: number[] }[] {
  const runs: { from: number; run: number[] }[] = [];
  points.forEach((value, index) => {
    if (value === null) return;
    const last = runs.at(-1);
    if (last && last.from + last.run.length === index) last.run.push(value);
    else runs.push({ from: index, run: [value] });
  });
  return runs;
}

function digits(value: number): number {
  return Math.round(value * 10) / 10;
}

/**
 * The value at a place of a plot.
 * @param place from 0, the left, to 1, the right
 * @param points how many points an hour has
 * @returns undefined where the plot has not begun yet
 */
export function pointAt(
  values: readonly Known[],
  place: number,
  points: number,
): { readonly value: Known; readonly pointsAgo: number } | undefined {
  const pointsAgo = Math.round((1 - Math.min(1, Math.max(0, place))) * (points - 1));
  const value = values[values.length - 1 - pointsAgo];
  return value === undefined ? undefined : { value, pointsAgo };
}

/** What a plot says in words. */
export function plotText(values: readonly Known[], show: (value: number) => string): string {
  const known = values.filter((value) => value !== null);
  const last = known.at(-1);
  if (last === undefined) return 'nothing known yet';
  const lowest = known.reduce((low, value) => Math.min(low, value));
  const highest = known.reduce((high, value) => Math.max(high, value));
  return `now ${show(last)}, lowest ${show(lowest)}, highest ${show(highest)}`;
}
