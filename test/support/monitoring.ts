import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { project } from './sources.js';

/** What docs/ has for Grafana and Prometheus. */

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: Readonly<Record<'x' | 'y' | 'w' | 'h', number>>;
  readonly datasource?: { readonly uid: string };
  readonly targets?: readonly { readonly expr: string }[];
}

interface Dashboard {
  readonly schemaVersion: number;
  readonly uid: string;
  readonly title: string;
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly name: string }[] };
}

interface Alerts {
  readonly groups: readonly { readonly rules: readonly { readonly expr: string }[] }[];
}

const read = (name: string): string => readFileSync(join(project, 'docs', name), 'utf8');

export const dashboard = (): Dashboard => JSON.parse(read('grafana.json')) as Dashboard;

/** The expressions of all panels, with everything chosen, and of all alerts. */
export function expressions(): readonly string[] {
  const panels = dashboard().panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
  const chosen = panels.map((expr) =>
    expr.replaceAll(/\$instance|\$service/g, '.*').replaceAll('$__rate_interval', '1m'),
  );
  const alerts = (parse(read('prometheus-alerts.yml')) as Alerts).groups.flatMap(({ rules }) =>
    rules.map(({ expr }) => expr),
  );
  return [...chosen, ...alerts];
}
