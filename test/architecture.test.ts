/** The layers of the source, which nothing imports upwards. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { project, sources } from './support/sources.js';

const all = sources();
const LONGEST_FILE = 350;
/** Tables may be longer. */
const TABLES = ['src/ipvs/schema.ts', 'src/ipvsadm/options.ts', 'src/ipvsadm/format.ts'];
const DEPENDENCIES = ['chalk', 'cli-table3', 'commander', 'netlink'];

/** The text without comments: those may name what the code must not. */
function codeOf(text: string): string {
  return text.replaceAll(/\/\*[^]*?\*\/|^\s*\/\/.*$/gm, '').replaceAll(/\n\s*\n/g, '\n');
}

/** Every module that a file imports, also for types alone: of ours by its path, `src/netlink/writer.ts`. */
function importsOf({ path, text }: { readonly path: string; readonly text: string }): string[] {
  const named = /(?:\bfrom|\bimport\(|^import)\s*'([^']+)'/gm;
  return Array.from(codeOf(text).matchAll(named), ([, name = '']) =>
    name.startsWith('.') ? join(dirname(path), name.replace(/\.js$/, '.ts')) : name,
  );
}

function importersOf(pattern: RegExp): string[] {
  return all
    .filter((file) => importsOf(file).some((name) => pattern.test(name)))
    .map(({ path }) => path);
}

const layers = [
  {
    layer: 'src/netlink/',
    above: ['src/ipvs/', 'src/ipvsadm/', 'src/cli/', 'src/plan/', 'src/index.ts'],
  },
  { layer: 'src/ipvs/', above: ['src/ipvsadm/', 'src/cli/', 'src/plan/', 'src/index.ts'] },
  { layer: 'src/plan/', above: ['src/ipvsadm/', 'src/cli/', 'src/index.ts'] },
  { layer: 'src/ipvsadm/', above: ['src/cli/', 'src/plan/', 'src/index.ts'] },
];

test('the source is there', () => {
  expect(all.map(({ path }) => path)).toContain('src/netlink/connection.ts');
  expect(importsOf({ path: 'src/a/b.ts', text: "import type { X } from '../c.js';" })).toEqual([
    'src/c.ts',
  ]);
});

test.each(layers)('$layer imports nothing of what stands above', ({ layer, above }) => {
  const upwards = all
    .filter(({ path }) => path.startsWith(layer))
    .flatMap((file) => importsOf(file).map((name) => `${file.path} imports ${name}`))
    .filter((line) => above.some((prefix) => line.includes(` imports ${prefix}`)));
  expect(upwards).toEqual([]);
});

test('nothing imports the index: it is for users', () => {
  expect(importersOf(/^src\/index\.ts$/)).toEqual([]);
});

test('one file imports the package netlink, and of it the raw socket alone', () => {
  expect(importersOf(/^netlink\b/)).toEqual(['src/netlink/raw-socket.ts']);
  expect(importersOf(/^netlink\/dist\/raw\.js$/)).toEqual(['src/netlink/raw-socket.ts']);
});

test('main files alone touch the process', () => {
  const touching = all
    .filter(({ text }) => /(?<![.\w'-])process\b(?!')|'(?:node:)?process'/.test(codeOf(text)))
    .map(({ path }) => path)
    .filter((path) => !/^src\/(?:ipvsadm|cli)\/main(?:-[a-z-]+)?\.ts$/.test(path));
  expect(touching).toEqual([]);
});

test('the index alone exports what others declare', () => {
  const passing = all.filter(({ text }) => /^export\s[^;]*\sfrom\s'/m.test(codeOf(text)));
  expect(passing.map(({ path }) => path)).toEqual(['src/index.ts']);
});

describe('a file has one reason to change, and is short', () => {
  const files = all.filter(({ path }) => !TABLES.includes(path));

  test.each(files)('$path', ({ text }) => {
    // Comments do not count: the documentation's examples are long where there is much to show.
    expect(codeOf(text).split('\n').length).toBeLessThanOrEqual(LONGEST_FILE);
  });
});

test('few packages are needed at run time', () => {
  const manifest = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as {
    readonly dependencies: Readonly<Record<string, string>>;
  };
  const { dependencies } = manifest;
  expect(DEPENDENCIES).toEqual(expect.arrayContaining(Object.keys(dependencies)));
  // Its API is not stable.
  expect(dependencies['netlink']).toBe('0.3.0');
});
