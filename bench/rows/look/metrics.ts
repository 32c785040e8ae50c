import { wallTimes } from '../../measured.js';
import { genuine, ipvs, ours } from '../../programs.js';
import { inTurn } from '../../row.js';
import type { Row } from '../../row.js';
import { LARGE, sizeOf } from '../../rules.js';
import { withTable } from '../../table.js';

const COUNTERS = ['-Ln', '--stats'];

export const metricsText: Row = {
  name: 'metrics',
  about: 'ipvs metrics of 21,000 rules, beside ipvsadm -Ln --stats',
  async run(bench) {
    return withTable(bench, LARGE, async (guest, namespace) => {
      const run = (words: readonly string[]) => () => guest.measure(namespace, words, {});
      const all = await inTurn(bench, bench.runs(5), {
        metrics: run([...ipvs(), 'metrics']),
        ours: run([...ours(), ...COUNTERS]),
        genuine: run([...genuine, ...COUNTERS]),
      });
      const row = { what: `ipvs metrics, ${sizeOf(LARGE)}`, unit: 'ms' as const };
      const values = wallTimes(all.metrics);
      return [
        {
          ...row,
          ours: values,
          other: { name: 'our ipvsadm -Ln --stats', values: wallTimes(all.ours) },
          target: { kind: 'slower' as const, atMost: 1.5 },
        },
        {
          ...row,
          ours: values,
          other: { name: 'genuine ipvsadm -Ln --stats', values: wallTimes(all.genuine) },
        },
      ];
    });
  },
};
