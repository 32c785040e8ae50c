/** Types what README.md and the manual show, in their order, and runs what README.md programs, on the real kernel. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { blocksOf, codeIn, commandsInManual, rowsOf, stepsOf } from '../docs/markdown.js';
import type { Step } from '../docs/markdown.js';
import { useLab } from '../support/director.js';
import { moduleOf } from '../support/examples.js';
import { DUMMY, TOUR_MS, typeAll } from '../support/tours.js';
import { masked } from '../support/varying.js';

const lab = useLab();
const blocks = blocksOf('README.md');
const rows = rowsOf('README.md');

const withoutVarying = ({ command, output }: Step): Step => ({ command, output: masked(output) });

/** The lines with the exit status of each. */
async function statusesOf(lines: readonly string[]): Promise<{ line: string; status: string }[]> {
  await using director = await lab().namespace('director');
  const typed = lines.flatMap((line) => [line, 'echo $?']);
  const steps = typed.map((command) => ({ command, output: '' }));
  const outputs = await typeAll(lab(), director, steps);
  return lines.map((line, index) => ({ line, status: outputs[2 * index + 1]?.trim() ?? '' }));
}

describe('the commands of README.md', () => {
  test('show what its console blocks say', { timeout: TOUR_MS }, async () => {
    const steps = blocks.filter(({ language }) => language === 'console').flatMap(stepsOf);
    expect(steps.length).toBeGreaterThan(10);
    await using clients = await lab().namespace('clients');
    await using servers = await lab().namespace('servers');
    await using director = await lab().namespace('director');
    const outputs = await typeAll(lab(), director, steps, { clients, servers });
    const seen = steps.map(({ command }, index) => ({ command, output: outputs[index] ?? '' }));
    expect(seen.map(withoutVarying)).toEqual(steps.map(withoutVarying));
  });

  test('do what its table says, from above to below', async () => {
    const lines = rows
      .filter(([what]) => !/^\d/.test(what ?? ''))
      .flatMap(([, cell]) => {
        return codeIn(cell ?? '').filter((code) => code.startsWith('ipvsadm'));
      });
    expect(lines.length).toBeGreaterThan(10);
    const done = lines.map((line) => ({ line, status: '0' }));
    expect(await statusesOf(lines)).toEqual(done);
  });

  test('end with the statuses of its table', async () => {
    const cases = rows.flatMap(([status = '', , example = '']) =>
      /^\d+$/.test(status) ? codeIn(example).map((line) => ({ line, status })) : [],
    );
    expect(cases.map(({ status }) => status)).toEqual(['0', '1', '2', '255']);
    expect(await statusesOf(cases.map(({ line }) => line))).toEqual(cases);
  });
});

describe('the programs of README.md', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ipvs-readme-'));
  });
  afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  const programs = blocks.filter(({ language }) => language === 'ts');

  test.each(programs)('$place prints what its comments say', async ({ content, place }) => {
    const printed = Array.from(
      content.matchAll(/^\s*console\.log\(.*\); \/\/ (.*)$/gm),
      ([, text = '']) => text,
    );
    expect(printed.length).toBeGreaterThan(0);
    expect(printed).toHaveLength(content.split('console.log(').length - 1);
    const file = join(folder, `${place.replaceAll(/\W/g, '-')}.ts`);
    await writeFile(file, moduleOf({ place, subject: '', code: content, printed }));
    await using director = await lab().namespace('director');
    expect(await director.call(file, 'example')).toEqual(printed);
  });
});

test('every command of the manual’s examples succeeds, from above to below', async () => {
  const lines = commandsInManual('man/ipvsadm.8');
  expect(lines.length).toBeGreaterThan(20);
  await using director = await lab().namespace('director');
  await director.run(['sh', '-c', DUMMY]);
  const refused: string[] = [];
  for (const line of lines) {
    const { code, stderr } = await director.ipvsadm(line.split(' ').slice(1));
    if (code !== 0) refused.push(`${line}: ${stderr}`);
  }
  expect(refused).toEqual([]);
});
