import { describe, expect, test } from 'vitest';
import { ImportReport } from '../../../../src/state/import/report.js';
import { readLines } from '../../../../src/state/import/keepalived/lines.js';
import { filesOf } from '../../../support/import-files.js';

async function linesOf(text: string, files: Readonly<Record<string, string>> = {}) {
  const report = new ImportReport();
  const sources = filesOf({ '/etc/a.conf': text, ...files });
  const lines = await readLines('/etc/a.conf', sources, report);
  report.notes();
  return lines.map((line) => line.text);
}

describe('comments', () => {
  test('begin with # or ! outside of quotation marks', async () => {
    const text = '# one\n! two\nweight 1 # three\nregex "a # b" ! four\nname \\#5';
    expect(await linesOf(text)).toEqual(['weight 1', 'regex "a # b"', 'name #5']);
  });
});

describe('definitions', () => {
  test('are put in where their names stand, as they are then', async () => {
    const text = '$A=10.${B}\n$B=0\n${A}.1\n$B=9\n$A\n$C ${C}';
    expect(await linesOf(text)).toEqual(['10.0.1', '10.9', '$C ${C}']);
  });

  test('may have several lines', async () => {
    const text = '$RS= \\\nreal_server $N { \\\n weight 1 \\\n }\n$N=1\n$RS\n$N=2\n$RS';
    expect(await linesOf(text)).toEqual([
      'real_server 1 {',
      'weight 1',
      '}',
      'real_server 2 {',
      'weight 1',
      '}',
    ]);
  });

  test('of the folder and of two characters are there from the beginning', async () => {
    expect(await linesOf('${_PWD}/x ${_HASH}${_BANG} ${_INSTANCE}')).toEqual(['/etc/x #! one']);
  });
});

describe('repetitions', () => {
  test.each([
    ['~SEQ(N, 1, 3) a${N}', ['a1', 'a2', 'a3']],
    ['~SEQ(N, 3) a${N}', ['a1', 'a2', 'a3']],
    ['~SEQ(N, 8, -4, 0) a${N}', ['a8', 'a4', 'a0']],
    ['~SEQx(N, 0xe, 16) a${N}', ['ae', 'af', 'a10']],
    ['~LST({A,B}, {1,2}, {3,4}) ~SEQ(N, 1, 2) ${A}${B}${N}', ['121', '122', '341', '342']],
    ['~LST(A, x, y) ${A}', ['x', 'y']],
  ])('%s', async (text, lines) => {
    expect(await linesOf(text)).toEqual(lines);
  });
});

describe('conditional lines', () => {
  test('are read where their id is that of this machine', async () => {
    expect(await linesOf('@one a\n@two b\n@^one c\n@^two d\n@one')).toEqual(['a', 'd']);
  });
});

describe('included files', () => {
  test('stand where they are included, by paths from the folder of the file', async () => {
    const files = { '/etc/d/1.conf': 'one\ninclude 2.inc', '/etc/d/2.inc': 'two' };
    expect(await linesOf('a\ninclude d/*.conf\nb', files)).toEqual(['a', 'one', 'two', 'b']);
  });

  test('that are wanted and not there are a fault', async () => {
    await expect(linesOf('includea d/none.conf')).rejects.toThrow(
      '/etc/a.conf:1: include: there is no file d/none.conf',
    );
  });

  test.each([
    ['itself', 'include a.conf', {}],
    ['each other', 'include b.conf', { '/etc/b.conf': 'include a.conf' }],
  ])('that include %s end with an error', async (_, text, files) => {
    await expect(linesOf(text, files)).rejects.toThrow('does one include itself?');
  });
});

describe('what has no end', () => {
  test.each([
    ['$A=${A}x\n$A', 'one refers to itself'],
    ['$A= \\\n$A \\\n$A\n$A', 'too many lines'],
    ['~SEQ(A, 1, 90000) ~SEQ(B, 1, 90000) ~SEQ(C, 1, 90000) $D=1', 'too many lines'],
    ['~SEQ(A, 1, 1000000000) x', 'too long'],
  ])('%s is an error', { timeout: 60_000 }, async (text, message) => {
    await expect(linesOf(text)).rejects.toThrow(message);
  });
});
