/** What is in the packages, whatever the processor. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packages, tarballOf, version, debianOf } from './variants.js';
import { project } from '../support/sources.js';

const run = promisify(execFile);

const links = ['ipvsadm', 'ipvsadm-restore', 'ipvsadm-save'];
const commands = ['ipvs', ...links];
const shared = [
  'lib/systemd/system/ipvs-agent.service',
  'lib/systemd/system/ipvs.service',
  ...commands.map((name) => `sbin/${name}`),
  ...commands.map((name) => `share/bash-completion/completions/${name}`),
  'share/doc/ipvs/agent-api.md',
  'share/doc/ipvs/changelog.gz',
  'share/doc/ipvs/copyright',
  'share/doc/ipvs/examples/grafana.json',
  'share/doc/ipvs/examples/prometheus-alerts.yml',
  ...['keepalived', 'ldirectord', 'scripts'].map((name) => `share/doc/ipvs/from-${name}.md`),
  'share/doc/ipvs/high-availability.md',
  'share/doc/ipvs/page.md',
  ...commands.map((name) => `share/fish/vendor_completions.d/${name}.fish`),
  'share/man/man5/ipvs-state.5.gz',
  ...['ipvs', 'ipvs-agent', 'ipvs-apply', 'ipvs-list', ...links].map(
    (name) => `share/man/man8/${name}.8.gz`,
  ),
];
const completionsOfZsh = (folder: string) =>
  ['_ipvs', '_ipvsadm'].map((name) => `share/zsh/${folder}/${name}`);

interface Entry {
  readonly mode: string;
  readonly owner: string;
  readonly path: string;
  readonly target: string | undefined;
}

/** The lines of `tar --list --verbose`, which dpkg-deb prints too. */
function entriesOf(listing: string): Entry[] {
  return listing
    .trim()
    .split('\n')
    .map((line) => {
      const [mode = '', owner = '', , , , ...rest] = line.split(/\s+/);
      const [path = '', target] = rest.join(' ').split(' -> ');
      return { mode, owner, path, target };
    });
}

const pathsIn = (entries: readonly Entry[], top: string) =>
  entries
    .filter(({ mode }) => !mode.startsWith('d'))
    .map(({ path }) => path.replace(top, ''))
    .sort();

/** Whatever the umask of who made it. */
function expectOrder(entries: readonly Entry[]) {
  expect(new Set(entries.map(({ owner }) => owner))).toEqual(new Set(['root/root']));
  const wrong = entries.filter(({ path, mode }) => {
    if (mode.startsWith('l')) return false;
    const wanted = mode.startsWith('d')
      ? 'drwxr-xr-x'
      : path.endsWith('/sbin/ipvs')
        ? '-rwxr-xr-x'
        : '-rw-r--r--';
    return mode !== wanted;
  });
  expect(wrong).toEqual([]);
  const targets = entries.flatMap(({ path, target }) => (target ? [[path, target]] : []));
  expect(targets.map(([path = '', target]) => [path.split('/').at(-1), target])).toEqual(
    links.map((name) => [name, 'ipvs']),
  );
}

describe.each([
  { processor: 'x64', architecture: 'amd64', machine: 'X86-64', tags: [] },
  { processor: 'arm64', architecture: 'arm64', machine: 'AArch64', tags: ['long'] },
])('for $processor', ({ processor, architecture, machine, tags }) => {
  const debian = debianOf(architecture);
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ipvs-contents-'));
    await run('dpkg-deb', ['--raw-extract', debian, folder]);
  });
  afterAll(async () => {
    await rm(folder, { recursive: true });
  });
  const read = (path: string) => readFile(join(folder, path), 'utf8');

  test(
    'the package for Debian has commands, units, manuals, guides and completions where Debian looks',
    { tags },
    async () => {
      const { stdout } = await run('dpkg-deb', ['--contents', debian]);
      const entries = entriesOf(stdout);
      expect(pathsIn(entries, './usr/')).toEqual(
        [
          ...shared,
          'share/doc/ipvs/README.Debian',
          'share/doc/ipvs/changelog.Debian.gz',
          'share/lintian/overrides/ipvs',
          ...completionsOfZsh('vendor-completions'),
        ].sort(),
      );
      expectOrder(entries);
    },
  );

  test(
    'the executable is of this processor, and needs no newer C library than the package says',
    { tags },
    async () => {
      const file = join(folder, 'usr/sbin/ipvs');
      const { stdout } = await run('readelf', ['--file-header', '--version-info', file]);
      expect(stdout).toMatch(new RegExp(`Machine: .*${machine}`));
      const needed = Array.from(stdout.matchAll(/GLIBC_2\.(\d+)/g), ([, minor]) => Number(minor));
      expect(await read('DEBIAN/control')).toContain(
        `\nDepends: libc6 (>= 2.${String(Math.max(...needed))})\n`,
      );
    },
  );

  test('the unit starts the installed command', { tags }, async () => {
    const unit = await read('usr/lib/systemd/system/ipvs.service');
    expect(unit.match(/^Exec\w+=.*$/gm)).toEqual([
      'ExecStart=/usr/sbin/ipvs rules load',
      'ExecReload=/usr/sbin/ipvs rules reload',
      'ExecStop=/usr/sbin/ipvs rules clear',
    ]);
  });

  test('lintian finds no errors', { tags }, async () => {
    const { stdout } = await run('lintian', ['--allow-root', '--fail-on=none', debian]);
    expect(stdout).toBe('');
  });

  test('the tar.gz has it all below one folder', { tags }, async () => {
    const { stdout } = await run('tar', [
      '--list',
      '--verbose',
      '--gzip',
      '--file',
      tarballOf(processor),
    ]);
    const entries = entriesOf(stdout);
    expect(pathsIn(entries, `ipvs-${version}-linux-${processor}/`)).toEqual(
      [...shared, ...completionsOfZsh('site-functions')].sort(),
    );
    expectOrder(entries);
  });
});

test(
  'the same files give the same bytes, in another folder, time zone and umask',
  { tags: 'long' },
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ipvs-second-build-'));
    try {
      const copy = `cd '${project}'
      git ls-files -z --cached --others --exclude-standard | xargs -0 cp --parents -t '${folder}'
      ln -s '${project}/node_modules' '${folder}/node_modules'
      mkdir '${folder}/.cache'
      ln -s '${project}/.cache/bun' '${folder}/.cache/bun'
      SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
      export SOURCE_DATE_EPOCH TZ=Pacific/Auckland
      umask 077
      cd '${folder}'
      node scripts/package.js x64`;
      await run('sh', ['-e', '-c', copy]);
      for (const file of [debianOf('amd64'), tarballOf('x64')]) {
        await run('cmp', [file, file.replace(packages, join(folder, 'dist/packages'))]);
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  },
);
