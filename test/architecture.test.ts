/** The layers of the source, which nothing imports upwards. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import * as machinePrograms from '../src/common/programs.js';
import { project, sources } from './support/sources.js';

const all = sources();
const LONGEST_FILE = 350;
/** Tables may be longer. */
const TABLES = ['src/ipvs/wire/schema.ts', 'src/rules/grammar/options.ts', 'src/ipvsadm/format.ts'];

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

const ENTRIES = [
  ...['src/agent.ts', 'src/index.ts', 'src/rules.ts', 'src/state.ts', 'src/testing.ts'],
];
/** What programs and what they share are made of. */
const BELOW = ['src/ipvs/', 'src/rules/', 'src/state/', 'src/host/', 'src/terminal/'];
/** Who may import whom; what is not named may not be imported. Leaves of src/common/ are for all. */
const layers: readonly { readonly layer: string; readonly uses: readonly string[] }[] = [
  { layer: 'src/common/', uses: [] },
  { layer: 'src/netlink/', uses: [] },
  { layer: 'src/ipvs/', uses: ['src/netlink/'] },
  { layer: 'src/host/', uses: [] },
  { layer: 'src/rules/', uses: ['src/ipvs/'] },
  { layer: 'src/state/', uses: ['src/ipvs/', 'src/netlink/', 'src/rules/'] },
  // A session has a client, which it opens when that is needed, and the names that rules and listings ask for.
  { layer: 'src/terminal/', uses: ['src/ipvs/', 'src/netlink/', 'src/rules/'] },
  { layer: 'src/setup/', uses: BELOW },
  { layer: 'src/doctor/', uses: BELOW },
  // It decides and acts by itself; what the command shows of it is in src/cli.
  {
    layer: 'src/agent/',
    uses: ['src/ipvs/', 'src/netlink/', 'src/rules/', 'src/state/', 'src/host/', 'src/version.ts'],
  },
  { layer: 'src/ipvsadm/', uses: [...BELOW, 'src/netlink/', 'src/version.ts'] },
  { layer: 'src/testing/', uses: ['src/ipvs/', 'src/netlink/', 'src/state/'] },
  {
    layer: 'src/cli/',
    uses: [...BELOW, 'src/netlink/', 'src/setup/', 'src/doctor/', 'src/agent/', 'src/version.ts'],
  },
];

/** Modules of a layer that may be used by it: its own, those below, and the leaves. */
function isAllowed({ layer, uses }: (typeof layers)[number], name: string): boolean {
  if (!name.startsWith('src/')) return true;
  return [layer, 'src/common/', ...uses].some((prefix) => name.startsWith(prefix));
}

test('the source is there', () => {
  expect(all.map(({ path }) => path)).toContain('src/netlink/connection.ts');
  expect(importsOf({ path: 'src/a/b.ts', text: "import type { X } from '../c.js';" })).toEqual([
    'src/c.ts',
  ]);
});

test.each(layers)('$layer imports only the layers it may use', (layer) => {
  const forbidden = all
    .filter(({ path }) => path.startsWith(layer.layer))
    .flatMap((file) =>
      importsOf(file)
        .filter((name) => !isAllowed(layer, name))
        .map((name) => `${file.path} imports ${name}`),
    );
  expect(forbidden).toEqual([]);
});

test('nothing imports the entry files: they are for users', () => {
  expect(all.flatMap(importsOf).filter((name) => ENTRIES.includes(name))).toEqual([]);
});

test('one file imports the package netlink, and of it the raw socket alone', () => {
  expect(importersOf(/^netlink\b/)).toEqual(['src/netlink/raw-socket.ts']);
  expect(importersOf(/^netlink\/dist\/raw\.js$/)).toEqual(['src/netlink/raw-socket.ts']);
});

test('one file imports the foreign functions of Bun, which has no package netlink', () => {
  expect(importersOf(/^bun:/)).toEqual(['src/netlink/bun-socket.ts']);
});

test('main files alone touch the process', () => {
  const touching = all
    .filter(({ text }) => /(?<![.\w'-])process\b(?!')|'(?:node:)?process'/.test(codeOf(text)))
    .map(({ path }) => path)
    .filter(
      (path) => !/^src\/(?:(?:ipvsadm|cli|terminal|host)\/)?main(?:-[a-z-]+)?\.ts$/.test(path),
    );
  expect(touching).toEqual([]);
});

test('the entry files alone export what others declare', () => {
  const passing = all.filter(({ text }) => /^export\s[^;]*\sfrom\s'/m.test(codeOf(text)));
  expect(passing.map(({ path }) => path)).toEqual(ENTRIES);
});

describe('a file has one reason to change, and is short', () => {
  const files = all.filter(({ path }) => !TABLES.includes(path));

  test.each(files)('$path', ({ text }) => {
    // Comments do not count: the documentation's examples are long where there is much to show.
    expect(codeOf(text).split('\n').length).toBeLessThanOrEqual(LONGEST_FILE);
  });
});

describe('what a user installs', () => {
  const manifest = read('package.json') as {
    readonly dependencies: unknown;
    readonly optionalDependencies: unknown;
  };
  const lockfile = read('package-lock.json') as {
    readonly packages: Readonly<Record<string, LockedPackage>>;
  };
  const installed = Object.entries(lockfile.packages).filter(
    ([path, { dev }]) => path !== '' && dev !== true,
  );

  test('is seven packages', () => {
    expect(manifest.dependencies).toEqual({
      chalk: expect.stringMatching(/^\^5\./) as string,
      'cli-table3': expect.stringMatching(/^\^0\.6\./) as string,
      commander: expect.stringMatching(/^\^14\./) as string,
      'dns-packet': '5.6.1',
      re2js: '2.10.0',
      yaml: expect.stringMatching(/^\^2\./) as string,
    });
    // Optional, since elsewhere than on Linux it cannot be built and types and pure functions do without. Its API is not
    // stable.
    expect(manifest.optionalDependencies).toEqual({ netlink: '0.3.0' });
  });

  test('and what these say they need', () => {
    expect(installed.map(([path]) => path.replace(/^.*node_modules\//, ''))).toEqual([
      // Optional, and not used.
      '@colors/colors',
      // What dns-packet reads and writes addresses with.
      '@leichtgewicht/ip-codec',
      'chalk',
      'cli-table3',
      'commander',
      'dns-packet',
      // How wide cli-table3's text is.
      'emoji-regex',
      'is-fullwidth-code-point',
      'netlink',
      // The compiler's, and no code.
      '@types/node',
      'node-addon-api',
      'node-gyp-build',
      're2js',
      'string-width',
      'strip-ansi',
      'ansi-regex',
      'yaml',
    ]);
  });

  test('runs one script: netlink tries whether its prebuilt binary can be loaded', () => {
    const withScript = installed.filter(([, { hasInstallScript }]) => hasInstallScript === true);
    expect(withScript.map(([path]) => path)).toEqual(['node_modules/netlink']);
    const { scripts } = read('node_modules/netlink/package.json') as {
      readonly scripts: Readonly<Record<string, string>>;
    };
    const onInstall = ['preinstall', 'install', 'postinstall'].map((name) => scripts[name]);
    expect(onInstall).toEqual([undefined, 'node-gyp-build', undefined]);
  });
});

describe('input becomes no command and no path', () => {
  const codeIn = (path: string) => codeOf(all.find((file) => file.path === path)?.text ?? '');

  const starter = 'src/common/run-program.ts';
  const commandStarter = 'src/host/run-command.ts';

  test('two files start programs, without a shell: one by their paths, one what an administrator names', () => {
    const starters = new Set(importersOf(/^(?:node:)?child_process$/));
    expect([...starters].sort()).toEqual([starter, commandStarter]);
    expect(codeIn(starter)).toMatch(/\bexecFile\(\s*path,/);
    expect(codeIn(starter)).not.toMatch(/\bshell\b|(?<!\.)\b(?:exec|spawn|fork)(?:Sync)?\(/);
    expect(codeIn(commandStarter)).toMatch(/\bspawn\(program, rest,/);
    expect(codeIn(commandStarter)).not.toMatch(
      /\bshell\b|(?<!\.)\b(?:exec|execFile|fork)(?:Sync)?\(/,
    );
  });

  test('every program that may be started is one of a table, with its full path', () => {
    const { programs } = machinePrograms;
    for (const path of Object.values(programs).flat()) expect(path).toMatch(/^\/(?:usr\/)?s?bin\//);
  });

  test('files are opened in few places, by fixed names below the command ipvs', () => {
    const readers = importersOf(/^(?:node:)?fs(?:\/promises)?$/);
    expect(readers.filter((path) => !/^src\/(?:cli|host)\//.test(path)).sort()).toEqual([
      // What linuxHost, the journal, the rules file and the unit are read by.
      'src/common/read-if-exists.ts',
      // Files that an administrator names: rules, state files, what is imported.
      'src/common/regular-file.ts',
      // Whether a program is installed, and which module loader the kernel calls.
      'src/common/run-program.ts',
      'src/ipvs/proc/read-connections.ts',
      // A socket's descriptor, not a file.
      'src/netlink/bun-socket.ts',
      'src/netlink/descriptor-socket.ts',
      // /dev/null, to learn which descriptor comes next.
      'src/netlink/raw-socket.ts',
      // /etc/services.
      'src/rules/names.ts',
      'src/rules/rules-file.ts',
      'src/setup/journal.ts',
      // /proc/uptime.
      'src/terminal/main-daemon.ts',
      // The terminal itself.
      'src/terminal/main-screen.ts',
      'src/terminal/main.ts',
    ]);
  });
});

interface LockedPackage {
  readonly dev?: boolean;
  readonly hasInstallScript?: boolean;
}

function read(path: string): unknown {
  return JSON.parse(readFileSync(join(project, path), 'utf8'));
}
