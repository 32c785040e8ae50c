import { writeFile } from 'node:fs/promises';
import { withScratch } from '../host.js';
import { LINES, ruleCount, rulesOf, sizeOf } from '../rules.js';
import { inTurn, type Row } from '../row.js';

export const parse: Row = {
  name: 'parse',
  about: '100,000 rules read and encoded, in a fresh process each time, without a kernel',
  run(bench) {
    return withScratch(async (scratch) => {
      const file = scratch.path('rules');
      await writeFile(file, rulesOf(LINES));
      const script = await scratch.bundle('bench/inside/parse.ts');
      const { ours } = await inTurn(bench, bench.runs(7), {
        ours: async () => {
          const { parseMs = NaN, encodeMs = NaN, encoded } = await scratch.run(script, file);
          if (encoded !== ruleCount(LINES)) throw new Error(`${encoded ?? 0} rules were encoded`);
          return { parseMs, encodeMs };
        },
      });
      return [
        {
          what: `${sizeOf(LINES)} read and checked`,
          unit: 'ms',
          ours: ours.map(({ parseMs }) => parseMs),
          target: { kind: 'below', atMost: 400 },
        },
        {
          what: `${sizeOf(LINES)} encoded`,
          unit: 'ms',
          ours: ours.map(({ encodeMs }) => encodeMs),
          target: { kind: 'below', atMost: 100 },
        },
      ];
    });
  },
};
