/** The texts for users agree with the project: names, links, versions, tables. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
// @ts-expect-error -- a script for Node alone, in JavaScript.
import { currentManual, generatedPages, verbPages } from '../../scripts/man.js';
import { verbs } from '../../src/cli/verbs.js';
import { commandLines } from '../../src/rules/grammar/commands.js';
import { helpText } from '../../src/ipvsadm/help.js';
import { optionLines } from '../../src/rules/grammar/options.js';
import { parseState } from '../../src/state.js';
import { version } from '../../src/version.js';
import { ipvs } from '../support/ipvs-command.js';
import { project, sources } from '../support/sources.js';
import { blocksOf, codeIn, readText, rowsOf, stepsOf } from './markdown.js';

const manifest = JSON.parse(readText('package.json')) as {
  readonly version: string;
  readonly man: readonly string[];
  readonly scripts: Readonly<Record<string, string>>;
  readonly engines: { readonly node: string };
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
};
const GUIDES = ['docs/from-keepalived.md', 'docs/from-ldirectord.md', 'docs/from-scripts.md'];
const TEXTS = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...GUIDES];
const makeManual = currentManual as (page: string) => Promise<string>;
const pages = generatedPages as readonly string[];
const pagesOfVerbs = verbPages as Readonly<Record<string, readonly string[]>>;

/** The characters of a heading that a link to it has. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}

test('the version is that of the package, and the changelog has it', () => {
  expect(version).toBe(manifest.version);
  expect(readText('CHANGELOG.md')).toContain(`## [${version}]`);
  expect(readText('README.md')).toContain(`Version ${version}`);
});

describe.each(TEXTS)('%s', (path) => {
  const text = readText(path);

  test('has no dead links within the project', () => {
    const links = Array.from(text.matchAll(/\]\(([^)\s]+)\)/g), ([, link = '']) => link);
    const local = links.filter((link) => !/^[a-z]+:/.test(link));
    const dead = local.filter((link) => {
      const [file = '', anchor] = link.split('#');
      const place = join(dirname(path), file);
      if (!existsSync(join(project, place))) return true;
      if (anchor === undefined) return false;
      const target = file === '' ? text : readText(place);
      const headings = Array.from(target.matchAll(/^#+ (.*)$/gm), ([, heading = '']) => heading);
      return !headings.map(anchorOf).includes(anchor);
    });
    expect(dead).toEqual([]);
  });

  test('names only scripts of package.json', () => {
    const words = text.matchAll(/\bnpm run (?:-s )?([\w:-]+)|\bnpm (test)\b/g);
    const names = Array.from(words, ([, script, short]) => script ?? short ?? '');
    expect(names.filter((name) => !(name in manifest.scripts))).toEqual([]);
  });

  test('names only files and folders that exist', () => {
    const roots = /^(?:\.?\/)?((?:src|test|scripts|bin|man|bench)\/[\w./-]*)$/;
    const named = codeIn(text).flatMap((code) =>
      code.split(' ').flatMap((word) => roots.exec(word)?.[1] ?? []),
    );
    expect(named.filter((name) => !existsSync(join(project, name)))).toEqual([]);
  });
});

describe('README.md', () => {
  test('begins with the two commands that show the project', () => {
    const [first] = blocksOf('README.md');
    expect(first).toMatchObject({ language: 'sh', content: 'npm run demo\nnpm test\n' });
  });

  test('shows of the demo what the demo says', () => {
    const demo = readText('test/lab/demo.ts');
    const shown = blocksOf('README.md').find(({ language }) => language === 'text')?.content ?? '';
    const checks = Array.from(shown.matchAll(/^ok: (.*)$/gm), ([, check = '']) => check);
    expect(checks.length).toBeGreaterThan(0);
    expect(checks.filter((check) => !demo.includes(`'${check}'`))).toEqual([]);
  });

  test('shows ipvs top as it is drawn', () => {
    const drawn = new Set(readText('test/fixtures/screens/top-opened-80x24.txt').split('\n'));
    const shown = blocksOf('README.md').find(({ content }) => content.startsWith('ipvs top '));
    const lines = shown?.content.split('\n') ?? [];
    expect(lines.length).toBeGreaterThan(5);
    expect(lines.filter((line) => !drawn.has(line))).toEqual([]);
  });

  test('has only command lines with options that exist', () => {
    const known = new Set([...commandLines, ...optionLines].map(({ long }) => `--${long}`));
    const typed = [
      ...blocksOf('README.md')
        .filter(({ language }) => language === 'console')
        .flatMap(stepsOf)
        .map(({ command }) => command),
      ...rowsOf('README.md').flatMap((row) => row.flatMap(codeIn)),
    ].filter((line) => line.startsWith('ipvsadm'));
    const names = typed.flatMap((line) => line.match(/(?<= )--[a-z-]+/g) ?? []);
    expect(names.filter((name) => !known.has(name))).toEqual([]);
    expect(typed.length).toBeGreaterThan(20);
  });

  test('asks for the Node version of package.json', () => {
    const [major] = /\d+/.exec(manifest.engines.node) ?? [];
    expect(readText('README.md')).toContain(`Node ${major} or later`);
  });
});

describe('CONTRIBUTING.md', () => {
  test('gives a reason for every package', () => {
    const text = readText('CONTRIBUTING.md');
    const packages = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies });
    expect(packages.filter((name) => !text.includes(`\`${name}\``))).toEqual([]);
  });
});

describe('the manual', () => {
  const page = readText('man/ipvsadm.8');

  test('has a page for every command', () => {
    expect(manifest.man.filter((path) => !existsSync(join(project, path)))).toEqual([]);
  });

  test.each(pages)('%s says what the tables say (else: node scripts/man.js)', async (path) => {
    expect(await makeManual(path)).toBe(readText(path));
  });

  test.each([...commandLines, ...optionLines])('has --$long', ({ long, short }) => {
    const flags = [`Fl \\-${long.replaceAll('-', '\\-')}`];
    if (short !== undefined) flags.push(`Fl ${short} `);
    const items = page.match(/^\.It .*$/gm) ?? [];
    expect(items.filter((item) => flags.every((flag) => `${item} `.includes(flag)))).not.toEqual(
      [],
    );
  });
});

describe('the differences from ipvsadm 1.31', () => {
  const numbers = Array.from({ length: 14 }, (_, index) => index + 1);

  test('have their numbers in the manual', () => {
    const section = readText('man/ipvsadm.8').split('.Sh DIFFERENCES FROM IPVSADM 1.31\n')[1] ?? '';
    const list = section.split('.Bl -enum\n')[1]?.split('\n.El')[0] ?? '';
    expect(list.match(/^\.It$/gm)).toHaveLength(numbers.length);
  });

  test('have tests of their names, on the kernel', () => {
    const tests = sources('test/kernel')
      .map(({ text }) => text)
      .join('\n');
    expect(numbers.filter((number) => !tests.includes(`describe('deviation ${number}: `))).toEqual(
      [],
    );
  });
});

describe('the manual of ipvs', () => {
  const shown = verbs.filter(({ isHidden }) => isHidden !== true);
  const pageOf = (word: string) =>
    Object.keys(pagesOfVerbs).filter((page) => pagesOfVerbs[page]?.includes(word));

  test('describes each verb in one page, and no others', () => {
    const words = [...new Set(shown.map(({ path: [word] }) => word))];
    expect(words.filter((word) => pageOf(word).length !== 1)).toEqual([]);
    expect(Object.values(pagesOfVerbs).flat().sort()).toEqual(words.sort());
  });

  test.each(shown.map(({ path }) => path.join(' ')))('has %s with its options', async (verb) => {
    const [path = ''] = pageOf(verb.split(' ')[0] ?? '');
    const page = readText(path);
    expect(page).toContain(`\n.Ic ${verb}\n`);
    const { stdout } = await ipvs([...verb.split(' '), '-h']);
    const options = Array.from(
      stdout.matchAll(/^ {2}(?:-\w, )?--([\w-]+)/gm),
      ([, long = '']) => long,
    );
    expect(options).toContain('help');
    const items = itemsFor(page, verb);
    const described = options.filter((long) => {
      const name = `Fl \\-${long.replaceAll('-', '\\-')}`;
      return items.some((item) => `${item} `.includes(`${name} `));
    });
    expect(described).toEqual(options);
  });

  /** The items of the part about a verb, and of those about all verbs; without such parts, of the whole page. */
  function itemsFor(page: string, verb: string): readonly string[] {
    const parts = page.split(/^(?=\.S[hs] )/m);
    const own = parts.find((part) => part.startsWith(`.Ss ${verb}\n`));
    const shared = parts.filter((part) => part.startsWith('.Ss Options of all these verbs\n'));
    return (own === undefined ? page : [own, ...shared].join('\n')).match(/^\.It .*$/gm) ?? [];
  }

  test('shows a state file that is one', () => {
    const [, example = ''] =
      /\.Bd [^\n]*\n(version: 1\n[^]*?)\.Ed/.exec(readText('man/ipvs-state.5')) ?? [];
    const { services } = parseState(example);
    expect(services.map(({ name }) => name)).toEqual(['web', 'dns']);
  });
});

test('help fits 80 columns', () => {
  expect(
    helpText()
      .split('\n')
      .filter((line) => line.length > 80),
  ).toEqual([]);
});
