/** What holds for each verb, because all are declared in one way. */
import { describe, expect, test } from 'vitest';
import { allVerbs, programTree } from '../../src/cli/completions/tree.js';
import { groups, verbs } from '../../src/cli/verbs.js';
import { exitStatuses } from '../../src/terminal/exit-status.js';
import { ipvs } from '../support/ipvs-command.js';
import { setupScene } from '../support/setup-scene.js';

const named = verbs.map((verb) => ({ name: verb.path.join(' '), verb }));

describe.each(named)('ipvs $name', ({ name, verb }) => {
  test('says what it does in help, in a phrase without a dot', async () => {
    expect(verb.summary).toMatch(/^[a-z].*[^.]$/);
    const { status, stdout } = await ipvs([...verb.path, '-h']);
    expect([status, stdout.replaceAll(/\s+/g, ' ')]).toEqual([
      0,
      expect.stringContaining(verb.summary) as string,
    ]);
  });

  test('has help that fits 80 columns', async () => {
    const { stdout } = await ipvs([...verb.path, '-h']);
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });

  test('has examples, which are command lines of it', async () => {
    expect(verb.examples.length).toBeGreaterThan(0);
    for (const [line] of [...verb.examples, ...(verb.overview ? [verb.overview] : [])]) {
      expect(`${line} `.startsWith(`ipvs ${name} `)).toBe(true);
      const [, ...words] = line.split(' ');
      expect((await ipvs([...words, '-h'])).stdout).toContain(`Usage: ipvs ${name}`);
    }
  });

  test('names its own help where an option is wrong', async () => {
    const { status, stderr } = await ipvs([...verb.path, '--no-such-option']);
    expect([status, stderr]).toEqual([
      2,
      expect.stringContaining(`Try: ipvs ${name} -h`) as string,
    ]);
  });

  test('works under its former names, which help and completions do not show', async () => {
    for (const path of verb.aliases ?? []) {
      const { stdout } = await ipvs([...path, '-h']);
      expect(stdout.replaceAll(/\s+/g, ' ')).toContain(verb.summary);
      expect(allVerbs(programTree()).map((node) => node.path)).not.toContainEqual(path);
    }
  });

  test('has its group, if its name has two words', () => {
    const [first, second] = verb.path;
    if (second !== undefined) expect(groups).toHaveProperty(first);
  });
});

test('ipvs -h shows the example of each verb that has one for it', async () => {
  const { stdout } = await ipvs(['-h']);
  const examples = verbs.flatMap(({ overview }) => (overview === undefined ? [] : [overview[0]]));
  expect(examples.length).toBeGreaterThan(3);
  for (const example of examples) expect(stdout).toContain(`  ${example}`);
});

describe('JSON', () => {
  test.each([
    ['realserver status', ['realserver', 'status']],
    ['realserver down', ['realserver', 'down']],
    ['director down', ['director', 'down']],
    ['doctor', ['doctor', '--passive']],
    ['doctor --list', ['doctor', '--list']],
  ])('of %s begins with its version, and -o json is --json', async (_name, words) => {
    const scene = setupScene();
    const short = await scene.run([...words, '--json']);
    expect(Object.entries(JSON.parse(short.stdout) as object)[0]).toEqual(['schemaVersion', 1]);
    expect(await scene.run([...words, '-o', 'json'])).toEqual(short);
    const text = await scene.run([...words, '--output', 'text']);
    expect(text).toEqual(await scene.run(words));
  });

  test('is no choice of a verb that has none', async () => {
    expect(await ipvs(['rules', 'clear', '--json'])).toMatchObject({ status: 2, stdout: '' });
  });

  test('has a list of formats, and another is a usage error', async () => {
    const { status, stderr } = await ipvs(['doctor', '-o', 'yaml']);
    expect([status, stderr]).toEqual([2, expect.stringContaining('text, json') as string]);
  });
});

test('each exit status has one meaning', () => {
  const statuses = exitStatuses.map(({ status }) => status);
  expect(new Set(statuses).size).toBe(statuses.length);
  expect(statuses).toEqual([...statuses].sort((a, b) => a - b));
});
