import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { CommandResult } from '../../lab/lab.js';
import { useNamespace } from '../../support/director.js';
import { PATIENCE_MS } from '../../lab/patience.js';

/** A table that changes while it is listed: the kernel goes by position, and says nothing of it. */

const director = useNamespace();
const file = join(import.meta.dirname, '../fixtures/faults.ts');
const TIMES = 4;
/** Dozens of datagrams. */
const QUIET = 400;

const MARK = String.raw`\d{1,3}`;
const ADDRESS = String.raw`10\.[0-2]\.[0-3]\.\d{1,3}:0`;
const views = [
  {
    words: ['-L', '-n'],
    headings: 3,
    service: new RegExp(`^FWM  (${MARK}) rr$`),
    server: new RegExp(`^  -> (${ADDRESS}) +Route   1      0          0         $`),
  },
  {
    words: ['-L', '-n', '--stats'],
    headings: 3,
    service: new RegExp(`^FWM  (${MARK})(?: +0){5}$`),
    server: new RegExp(`^  -> (${ADDRESS})(?: +0){5}$`),
  },
  {
    words: ['-S', '-n'],
    headings: 0,
    service: new RegExp(`^-A -f (${MARK}) -s rr$`),
    server: new RegExp(`^-a -f ${MARK} -r (${ADDRESS}) -g -w 1$`),
  },
];

describe('a table that changes while it is listed', () => {
  test.each(views)('ipvsadm $words', async ({ words, headings, service, server }) => {
    const called = director().callWithin(
      PATIENCE_MS,
      file,
      'listWhileChanging',
      words,
      TIMES,
      QUIET,
    );
    const results = (await called) as CommandResult[];
    expect(results).toHaveLength(TIMES);
    let changing = 0;
    for (const { code, stdout, stderr } of results) {
      expect([code, stderr]).toEqual([0, '']);
      const lines = stdout.split('\n').slice(headings, -1);
      expect(lines.filter((line) => !service.test(line) && !server.test(line))).toEqual([]);
      const marks = lines.flatMap((line) => service.exec(line)?.[1] ?? []).map(Number);
      expect(repeated(marks)).toEqual([]);
      const servers = serversOf(lines, service, server);
      expect(repeated(servers)).toEqual([]);
      // What does not change is whole.
      const quiet = marks.filter((mark) => mark % 2 === 0);
      const theirs = servers.filter((line) => Number(line.split(' ')[0]) % 2 === 0);
      expect(theirs).toHaveLength(quiet.length * 3);
      changing += marks.length - quiet.length;
    }
    // Else nothing has changed meanwhile.
    expect(changing).toBeGreaterThan(0);
  });
});

/** Every real server, with the service that it stands under. */
function serversOf(lines: readonly string[], service: RegExp, server: RegExp): string[] {
  let above = '';
  return lines.flatMap((line) => {
    above = service.exec(line)?.[1] ?? above;
    const address = server.exec(line)?.[1];
    return address === undefined ? [] : `${above} ${address}`;
  });
}

function repeated<T>(values: readonly T[]): T[] {
  return values.filter((value, index) => values.indexOf(value) !== index);
}
