import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CONNECTIONS_HEADING, connectionLine } from '../connections.js';
import { withScratch } from '../host.js';
import { inTurn, type Row } from '../row.js';

const COUNT = 1_000_000;
const PIECE = 10_000;

/** The file, a piece at a time. */
function* pieces(): Generator<string, void, undefined> {
  yield CONNECTIONS_HEADING;
  for (let first = 0; first < COUNT; first += PIECE) {
    let piece = '';
    for (let index = first; index < first + PIECE; index += 1) piece += connectionLine(index);
    yield piece;
  }
}

export const reader: Row = {
  name: 'reader',
  about: 'a million connections through the library, from a file, and its memory',
  run(bench) {
    return withScratch(async (scratch) => {
      const file = scratch.path('ip_vs_conn');
      bench.step('writing the file');
      await pipeline(Readable.from(pieces()), createWriteStream(file));
      const script = await scratch.bundle('bench/inside/reader.ts');
      const { ours } = await inTurn(bench, bench.runs(5), {
        ours: async () => {
          const { wallMs = NaN, memoryMB = NaN, entries } = await scratch.run(script, file);
          if (entries !== COUNT) throw new Error(`${entries ?? 0} connections were read`);
          return { wallMs, memoryMB };
        },
      });
      const what = `connections(), ${COUNT.toLocaleString('en')} lines`;
      return [
        {
          what,
          unit: 'lines/s',
          ours: ours.map(({ wallMs }) => (COUNT / wallMs) * 1000),
          target: { kind: 'above', atLeast: 1_000_000 },
        },
        { what: `memory of ${what}`, unit: 'MB', ours: ours.map(({ memoryMB }) => memoryMB) },
      ];
    });
  },
};
