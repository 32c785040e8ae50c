import type { Histogram } from './histogram.js';
import { labelText, metricHead } from './text.js';
import type { Label } from './text.js';

export interface HistogramMetric<Subject> {
  readonly labels: readonly Label<Subject>[];
  readonly name: string;
  readonly help: string;
  /** Undefined: nothing was counted of this one. */
  readonly value: (subject: Subject) => Histogram | undefined;
}

/** A histogram of each subject as text: cumulative buckets, sum and count. */
export function* histogramText<Subject>(
  { labels, name, help, value }: HistogramMetric<Subject>,
  subjects: readonly Subject[],
): Generator<string, void, undefined> {
  let head = metricHead({ name, help, type: 'histogram' });
  for (const subject of subjects) {
    const histogram = value(subject);
    if (histogram === undefined) continue;
    yield head + seriesText(name, labels, subject, histogram);
    head = '';
  }
}

function seriesText<Subject>(
  name: string,
  labels: readonly Label<Subject>[],
  subject: Subject,
  { bounds, counts, sum }: Histogram,
): string {
  const pairs = labels.map((label) => [label.name, label.value(subject)] as const);
  let total = 0;
  let text = '';
  for (const [index, count] of counts.entries()) {
    total += count;
    const le = bounds[index] === undefined ? '+Inf' : String(bounds[index]);
    text += `${name}_bucket${labelText([...pairs, ['le', le]])} ${total}\n`;
  }
  const own = labelText(pairs);
  return `${text}${name}_sum${own} ${sum}\n${name}_count${own} ${total}\n`;
}
