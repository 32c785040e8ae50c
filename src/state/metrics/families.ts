import { rsMetrics, vipMetrics } from './keepalived.js';
import { backendMetrics, totalMetrics } from './node-exporter.js';
import { directorInfo, directorMetrics, serverMetrics, serviceMetrics } from './own.js';
import { serversOf } from './subjects.js';
import type { MeasuredDirector } from './subjects.js';
import { metricsText } from './text.js';
import type { Label } from './text.js';

/** Exporters whose names for the same things can be printed too. */
export const exporters = ['node_exporter', 'keepalived'] as const;
export type Exporter = (typeof exporters)[number];

export interface MetricsOptions {
  /** Also those of other exporters. Default: none. */
  readonly compat?: readonly Exporter[] | undefined;
  /**
   * The names of labels that are to stay; series that become equal are added up. A family none of whose labels is named
   * keeps all of them. Default: all.
   */
  readonly labels?: readonly string[] | undefined;
}

const namesOf = (labels: readonly Label<never>[]) => labels.map(({ name }) => name);

const OWN_LABELS = namesOf(serverMetrics.labels);
const OTHER_LABELS: Readonly<Record<Exporter, readonly string[]>> = {
  node_exporter: namesOf(backendMetrics.labels),
  keepalived: namesOf(rsMetrics.labels),
};

/** The labels that may be left out. */
export const labelNames: readonly string[] = [
  ...new Set([...OWN_LABELS, ...Object.values(OTHER_LABELS).flat()]),
];

/** All metrics of a director in Prometheus' text format, in pieces, so that the whole text is never held. */
export function* directorText(
  director: MeasuredDirector,
  { compat = [], labels }: MetricsOptions = {},
): Generator<string, void, undefined> {
  const { services, totals } = director;
  const servers = serversOf(services);
  const own = keptOf(OWN_LABELS, labels);
  yield* metricsText(directorInfo, [director]);
  yield* metricsText(directorMetrics, [director]);
  yield* metricsText(serviceMetrics, services, own);
  yield* metricsText(serverMetrics, servers, own);
  if (compat.includes('node_exporter')) {
    yield* metricsText(backendMetrics, servers, keptOf(OTHER_LABELS.node_exporter, labels));
    yield* metricsText(totalMetrics, totals === undefined ? [] : [totals]);
  }
  if (compat.includes('keepalived')) {
    const kept = keptOf(OTHER_LABELS.keepalived, labels);
    yield* metricsText(vipMetrics, services, kept);
    yield* metricsText(rsMetrics, servers, kept);
  }
}

function keptOf(
  names: readonly string[],
  wanted: readonly string[] | undefined,
): ReadonlySet<string> | undefined {
  const kept = names.filter((name) => wanted?.includes(name));
  return wanted === undefined || (kept.length === 0 && wanted.length > 0)
    ? undefined
    : new Set(kept);
}
