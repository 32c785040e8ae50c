/** Metrics in Prometheus' text format, made of tables of them. */

export type MetricValue = number | bigint;

export interface Label<Subject> {
  readonly name: string;
  /** Undefined: this one has no such label. */
  readonly value: (subject: Subject) => string | undefined;
}

export interface Metric<Subject> {
  readonly name: string;
  /** Untyped: a counter whose name does not end as those of counters should. */
  readonly type: 'counter' | 'gauge' | 'untyped';
  /** A sentence. */
  readonly help: string;
  readonly value: (subject: Subject) => MetricValue;
}

/** Metrics that are measured of the same subjects, as of all real servers. */
export interface MetricGroup<Subject> {
  /** Series whose labels are equal are added up. */
  readonly labels: readonly Label<Subject>[];
  readonly metrics: readonly Metric<Subject>[];
  /** Whether series are sorted by the values of their labels. Default: the order of subjects. */
  readonly isSorted?: true;
  /** Default: all digits. */
  readonly format?: (value: MetricValue) => string;
}

/** What is yielded at once, in characters. */
const PIECE = 32 * 1024;

/**
 * The metrics of subjects as text, in pieces: HELP and TYPE once for each metric, then its series.
 * @param kept the names of labels that are to stay. Series that become equal are added up. Default: all.
 */
export function* metricsText<Subject>(
  { labels, metrics, isSorted, format = String }: MetricGroup<Subject>,
  subjects: readonly Subject[],
  kept?: ReadonlySet<string>,
): Generator<string, void, undefined> {
  const used = labels.filter(({ name }) => kept === undefined || kept.has(name));
  const series = seriesOf(used, subjects);
  if (isSorted) series.sort((a, b) => (a.key < b.key ? -1 : 1));
  if (series.length === 0) return;
  for (const { name, type, help, value } of metrics) {
    let text = metricHead({ name, help, type });
    for (const { labels: shown, first, others } of series) {
      const own = value(first);
      const sum = others === undefined ? own : others.map(value).reduce(added, own);
      text += `${name}${shown} ${format(sum)}\n`;
      if (text.length < PIECE) continue;
      yield text;
      text = '';
    }
    yield text;
  }
}

/** Labels of one series and its value. */
export type LabelledValue = readonly [
  labels: readonly (readonly [name: string, value: string | undefined])[],
  value: MetricValue,
];

/** One metric whose series are all different, made as they are asked for: there may be many of them. */
export function* seriesText(
  head: Omit<Metric<never>, 'value'>,
  series: Iterable<LabelledValue>,
): Generator<string, void, undefined> {
  let text = metricHead(head);
  let isEmpty = true;
  for (const [labels, value] of series) {
    isEmpty = false;
    text += `${head.name}${labelText(labels)} ${value}\n`;
    if (text.length < PIECE) continue;
    yield text;
    text = '';
  }
  if (!isEmpty) yield text;
}

/** Subjects with equal labels. */
interface Series<Subject> {
  /** The values of labels, in their order. */
  readonly key: string;
  /** As they are printed. */
  readonly labels: string;
  readonly first: Subject;
  /** Undefined: the first is the only one. */
  others: Subject[] | undefined;
}

function seriesOf<Subject>(
  labels: readonly Label<Subject>[],
  subjects: readonly Subject[],
): Series<Subject>[] {
  const known = new Map<string, Series<Subject>>();
  for (const subject of subjects) {
    const values = labels.map(({ value }) => value(subject));
    const key = values.map((value) => value ?? '').join('\0');
    const equal = known.get(key);
    if (equal !== undefined) (equal.others ??= []).push(subject);
    else {
      const pairs = labels.map(({ name }, index) => [name, values[index]] as const);
      known.set(key, { key, labels: labelText(pairs), first: subject, others: undefined });
    }
  }
  return [...known.values()];
}

/** What stands before the series of a metric. */
export function metricHead({
  name,
  help,
  type,
}: {
  readonly name: string;
  readonly help: string;
  readonly type: string;
}): string {
  return `# HELP ${name} ${escapedHelp(help)}\n# TYPE ${name} ${type}\n`;
}

/** Labels as they are printed; those without a value are left out. */
export function labelText(pairs: readonly (readonly [string, string | undefined])[]): string {
  const shown = pairs.flatMap(([name, value]) =>
    value === undefined ? [] : `${name}="${escapedLabel(value)}"`,
  );
  return shown.length === 0 ? '' : `{${shown.join(',')}}`;
}

function added(one: MetricValue, other: MetricValue): MetricValue {
  if (typeof one === 'number' && typeof other === 'number') return one + other;
  return BigInt(one) + BigInt(other);
}

function escapedLabel(text: string): string {
  return escapedHelp(text).replaceAll('"', '\\"');
}

function escapedHelp(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}

/** A number as exporters in Go print it: from seven digits on with an exponent, 1.234567e+06. */
export function goNumber(value: MetricValue): string {
  const number = Number(value);
  const [mantissa = '', exponent = ''] = number.toExponential().split('e');
  const power = Number(exponent);
  if (number === 0 || (power >= -4 && power < 6)) return String(number);
  return `${mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}
