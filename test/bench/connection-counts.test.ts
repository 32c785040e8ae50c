import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { expect, test } from 'vitest';
import { CONNECTIONS_HEADING, connectionLine } from '../../bench/connections.js';
import { withScratch } from '../../bench/host.js';

/** Memory of counting a million connections by client. */

const COUNT = 1_000_000;
const PIECE = 10_000;

const hex = (index: number) => index.toString(16).padStart(8, '0');
const kinds = {
  'of 62,500 clients': { mostMB: 90, clients: 62_500, line: connectionLine },
  'of a million clients': {
    mostMB: 90,
    clients: COUNT,
    line: (index: number) => connectionLine(index).replace(/^TCP \w+/, `TCP ${hex(index)}`),
  },
  'of a million clients with IPv6': {
    mostMB: 100,
    clients: COUNT,
    line: (index: number) => {
      const client = `2001:0db8:0000:0000:0000:0000:${hex(index).replace(/^.{4}/, '$&:')}`;
      return connectionLine(index).replace(/^TCP \w+/, `TCP ${client}`);
    },
  },
};

function* pieces(line: (index: number) => string): Generator<string, void, undefined> {
  yield CONNECTIONS_HEADING;
  for (let first = 0; first < COUNT; first += PIECE) {
    yield Array.from({ length: PIECE }, (_, index) => line(first + index)).join('');
  }
}

test.each(Object.entries(kinds))(
  'a million connections %s are counted in little memory',
  { timeout: 300_000 },
  async (_kind, { mostMB, clients, line }) => {
    await withScratch(async (scratch) => {
      const file = scratch.path('ip_vs_conn');
      await pipeline(Readable.from(pieces(line)), createWriteStream(file));
      const script = await scratch.bundle('bench/inside/counts.ts');
      const { memoryMB = NaN, groups, wallMs } = await scratch.run(script, file);
      console.log(`${Math.round(memoryMB)} MB, ${Math.round(wallMs ?? NaN)} ms`);
      expect(groups).toBe(clients);
      expect(memoryMB).toBeLessThan(mostMB);
    });
  },
);
