import { printable } from '../../common/printable.js';
import { kernelRelease } from '../../host/kernel-release.js';
import { parseTotals, TOTALS_FILE } from '../../ipvs/proc/totals.js';
import { directorText, labelNames } from '../../state/metrics/families.js';
import type { Exporter } from '../../state/metrics/families.js';
import { CliError } from '../../terminal/cli-error.js';
import { exitStatus } from '../../terminal/exit-status.js';
import { version } from '../../version.js';
import { tableReader } from '../table-reader.js';
import type { VerbAction, VerbContext } from '../verb.js';

interface MetricsOptions {
  readonly compat: readonly Exporter[];
  readonly labels: readonly string[] | undefined;
}

export const metrics: VerbAction<MetricsOptions, Iterable<string>> = {
  run: measure,
  status: () => exitStatus.done,
  render: {
    text: async (pieces, { output }) => {
      for (const piece of pieces) await output.lines(piece);
    },
  },
};

async function measure(
  context: VerbContext,
  { compat, labels }: MetricsOptions,
): Promise<Iterable<string>> {
  const unknown = labels?.find((name) => !labelNames.includes(name));
  if (unknown !== undefined) {
    throw new CliError(
      `--labels ${printable(unknown)}: there is no such label. The labels are ${labelNames.join(', ')}.`,
      exitStatus.usage,
    );
  }
  const reader = await tableReader(context, []);
  const { info } = await context.session.kernel();
  const host = await context.host();
  const director = {
    version,
    kernel: await kernelRelease(host),
    connectionTableSize: info.connectionTableSize,
    // Of these names alone, which have no counters of real servers.
    totals: compat.includes('node_exporter')
      ? parseTotals((await host.read(TOTALS_FILE)) ?? '')
      : undefined,
    services: (await reader.read()).entries,
  };
  return directorText(director, { compat, labels });
}
