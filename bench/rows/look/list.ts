import { join } from 'node:path';
import { projectFolder } from '../../../test/lab/project.js';
import { wallTimes } from '../../measured.js';
import { genuine, ours } from '../../programs.js';
import { LARGE, sizeOf } from '../../rules.js';
import { inTurn, type Row } from '../../row.js';
import { withTable } from '../../table.js';

const ipvs = [process.execPath, join(projectFolder, 'bin', 'ipvs.js')];
const NUMBERS = ['-Ln'];
/** Beside the names of settings, it has the counters and rates of each entry, which -Ln does not read. */
const JSON_LISTING = ['list', '--json'];

export const listed: Row = {
  name: 'look',
  about: 'ipvs list of 21,000 rules as JSON and as a table, beside ipvsadm -Ln',
  async run(bench) {
    return withTable(bench, LARGE, async (guest, namespace) => {
      const run = (words: readonly string[]) => () => guest.measure(namespace, words, {});
      const all = await inTurn(bench, bench.runs(5), {
        json: run([...ipvs, ...JSON_LISTING]),
        table: run([...ipvs, 'list']),
        ours: run([...ours(), ...NUMBERS]),
        genuine: run([...genuine, ...NUMBERS]),
      });
      const size = sizeOf(LARGE);
      const others = [
        { name: 'genuine ipvsadm -Ln', values: wallTimes(all.genuine) },
        { name: 'our ipvsadm -Ln', values: wallTimes(all.ours) },
      ];
      return others.flatMap((other) => [
        {
          what: `ipvs list --json, ${size}`,
          unit: 'ms' as const,
          ours: wallTimes(all.json),
          other,
          target: { kind: 'slower' as const, atMost: 1.3 },
        },
        { what: `ipvs list, ${size}`, unit: 'ms' as const, ours: wallTimes(all.table), other },
      ]);
    });
  },
};
