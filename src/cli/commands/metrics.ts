import { InvalidArgumentError } from 'commander';
import type { Exporter } from '../../state/metrics/families.js';
import type { OptionSpec } from '../option-spec.js';
import { defineVerb } from '../verb.js';

const EXPORTERS: readonly Exporter[] = ['node_exporter', 'keepalived'];

const compatOption: OptionSpec<readonly Exporter[]> = {
  flags: '--compat <exporters>',
  summary: 'also print the metrics of node_exporter or keepalived exporters, or of both',
  initial: [],
  completes: [...EXPORTERS, EXPORTERS.join(',')],
  parse: (text, before) => [...before, ...text.split(',').map(exporterOf)],
};

/** @throws InvalidArgumentError */
function exporterOf(text: string): Exporter {
  const found = EXPORTERS.find((name) => name === text);
  if (found !== undefined) return found;
  throw new InvalidArgumentError(`It must be ${EXPORTERS.join(', ')}, or both with a comma.`);
}

const labelsOption: OptionSpec<readonly string[] | undefined> = {
  flags: '--labels <names>',
  summary: 'keep only these labels, and add up the series that become equal: service,server',
  initial: undefined,
  parse: (text) => text.split(',').filter((name) => name !== ''),
};

export const metrics = defineVerb({
  path: ['metrics'],
  summary: "print the metrics of this moment in Prometheus' text format",
  options: { compat: compatOption, labels: labelsOption },
  notes: `For a textfile collector, which must not see half a file, write to another
name first and rename it.`,
  examples: [
    ['ipvs metrics'],
    ['ipvs metrics --labels service', 'one series for each virtual service'],
    ['ipvs metrics --compat node_exporter', 'for dashboards that exist'],
  ],
  action: async () => (await import('../actions/metrics.js')).metrics,
});
