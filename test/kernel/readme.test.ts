/** Types what README.md and the manual show, in their order, and runs what README.md programs, on the real kernel. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ourCommandLine } from '../lab/our-commands.js';
import type { Namespace } from '../lab/lab.js';
import {
  blocksOf,
  codeIn,
  commandsInManual,
  rowsOf,
  stepsOf,
  withoutTrailingBlanks,
} from '../docs/markdown.js';
import { useLab } from '../support/director.js';
import { moduleOf } from '../support/examples.js';

const lab = useLab();
const blocks = blocksOf('README.md');
const rows = rowsOf('README.md');

/** Between the outputs of two lines; no command of ours prints it. */
const DIVIDER = '\u001e\n';

const PROGRAMS = (['ipvsadm', 'ipvsadm-save', 'ipvsadm-restore', 'ipvs'] as const)
  .map((name) => `${name}() { ${ourCommandLine(name)} "$@"; }`)
  .join('\n');

/** Each line starts node. */
const DEADLINE_MS = 100_000;

/** For the synchronisation daemon, which wants an interface. */
const DUMMY =
  'ip link add eth0 type dummy && ip addr add 192.0.2.254/24 dev eth0 && ip link set eth0 up';

/** What a shell shows for each line, in one session. */
async function typeAll(director: Namespace, lines: readonly string[]): Promise<string[]> {
  const typed = lines.map(
    (line) => `${line}\nstatus=$?; printf '${DIVIDER.trim()}\\n'; (exit $status)`,
  );
  const script = `${PROGRAMS}
    ${DUMMY}
    folder=$(mktemp -d) && cd "$folder" && exec 2>&1\n${typed.join('\n')}\n`;
  const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' };
  const { stdout, stderr } = await director.run(['bash'], {
    stdin: script,
    env,
    deadlineMs: DEADLINE_MS,
  });
  expect(stderr).toBe('');
  const outputs = stdout.split(DIVIDER);
  expect(outputs.pop()).toBe('');
  return outputs.map(withoutTrailingBlanks);
}

async function typeInFreshNamespace(lines: readonly string[]): Promise<string[]> {
  await using director = await lab().namespace('director');
  return await typeAll(director, lines);
}

/** The lines with the exit status of each. */
async function statusesOf(lines: readonly string[]): Promise<{ line: string; status: string }[]> {
  const outputs = await typeInFreshNamespace(lines.flatMap((line) => [line, 'echo $?']));
  return lines.map((line, index) => ({ line, status: outputs[2 * index + 1]?.trim() ?? '' }));
}

describe('the commands of README.md', () => {
  test('show what its console blocks say', async () => {
    const steps = blocks.filter(({ language }) => language === 'console').flatMap(stepsOf);
    expect(steps.length).toBeGreaterThan(10);
    const outputs = await typeInFreshNamespace(steps.map(({ command }) => command));
    expect(steps.map(({ command }, index) => ({ command, output: outputs[index] }))).toEqual(steps);
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
