import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ipvs } from '../support/ipvs-command.js';

/** What `ipvs install` puts where, of a package that is a folder with small files. */

let root = '';
let folder = '';
let prefix = '';

const execFileAsync = promisify(execFile);
const PLACES = [
  'sbin/ipvs',
  'sbin/ipvsadm',
  'sbin/ipvsadm-save',
  'sbin/ipvsadm-restore',
  'lib/systemd/system/ipvs.service',
  'lib/systemd/system/ipvs-agent.service',
  'share/bash-completion/completions/ipvs',
  'share/bash-completion/completions/ipvsadm',
  'share/bash-completion/completions/ipvsadm-save',
  'share/bash-completion/completions/ipvsadm-restore',
  'share/fish/vendor_completions.d/ipvs.fish',
  'share/fish/vendor_completions.d/ipvsadm.fish',
  'share/fish/vendor_completions.d/ipvsadm-save.fish',
  'share/fish/vendor_completions.d/ipvsadm-restore.fish',
  'share/zsh/site-functions/_ipvs',
  'share/zsh/site-functions/_ipvsadm',
];

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'ipvs-install-'));
  folder = join(root, "it's 100% $HOME");
  prefix = join(root, 'prefix');
  for (const [name, text] of [
    ['dist/completions/ipvs.bash', '# bash\n'],
    ['dist/completions/_ipvs', '#compdef ipvs\n'],
    ['dist/completions/ipvs.fish', '# fish\n'],
    ['dist/completions/ipvsadm.bash', '# bash\n'],
    ['dist/completions/_ipvsadm', '#compdef ipvsadm\n'],
    ['dist/completions/ipvsadm.fish', '# fish\n'],
    ['systemd/ipvs-agent.service', '[Service]\nExecStart=@ipvs@ agent\n'],
    ['systemd/ipvs.service', '[Service]\nExecStart=@ipvs@ service start\n'],
  ] as const) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
});
afterEach(async () => {
  await rm(root, { recursive: true });
});

const run = (verb: string, ...words: string[]) =>
  ipvs([verb, '--prefix', prefix, ...words], { folder, node: '/opt/node' });
const read = (path: string) => readFile(join(prefix, path), 'utf8');
const placed = async () =>
  (await readdir(prefix, { recursive: true, withFileTypes: true }).catch(() => []))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(prefix.length + 1));

describe('ipvs install', () => {
  test('puts commands, unit and completions where the system looks, and says what is next', async () => {
    const { status, stdout, stderr } = await run('install');
    expect([status, stderr]).toEqual([0, '']);
    expect((await placed()).sort()).toEqual([...PLACES].sort());
    expect(stdout.split('\n').slice(0, PLACES.length)).toEqual(
      PLACES.map((path) => `wrote: ${join(prefix, path)}`),
    );
    expect(stdout).toContain('  systemctl enable --now ipvs\n');
  });

  test('names node and the package in full, whatever their path', async () => {
    await run('install');
    const script = await read('sbin/ipvsadm-save');
    expect(script.startsWith('#!/bin/sh\n')).toBe(true);
    expect(
      script.endsWith(
        `\nexec '/opt/node' '${folder.replace("'", `'\\''`)}/bin/ipvsadm-save.js' "$@"\n# Put here by: ipvs install\n`,
      ),
    ).toBe(true);
    expect((await stat(join(prefix, 'sbin/ipvsadm'))).mode & 0o777).toBe(0o755);
    expect(await read('lib/systemd/system/ipvs.service')).toContain(
      `ExecStart="/opt/node" "${folder.replace('%', '%%').replace('$', '$$$$')}/bin/ipvs.js" service start\n`,
    );
  });

  test('start scripts drop what makes Node load code or print lines of its own, in an empty environment too', async () => {
    const node = join(folder, 'node');
    await writeFile(node, '#!/bin/sh\nshift\necho "$*" "$NODE_OPTIONS$NODE_EXTRA_CA_CERTS"\n', {
      mode: 0o755,
    });
    await ipvs(['install', '--prefix', prefix], { folder, node });
    const hostile = { NODE_OPTIONS: '--inspect=0', NODE_EXTRA_CA_CERTS: '/nonexistent' };
    for (const variables of [{}, hostile]) {
      const env = { PATH: '/usr/bin:/bin', ...variables };
      const { stdout, stderr } = await execFileAsync(join(prefix, 'sbin/ipvsadm'), ['-Ln'], {
        env,
      });
      expect([stdout, stderr]).toEqual(['-Ln \n', '']);
    }
  });

  test('start scripts say at once that the limit of address space is too low for Node', async () => {
    await run('install');
    const script = `ulimit -v 102400; '${join(prefix, 'sbin/ipvsadm').replace("'", `'\\''`)}' -Ln`;
    const running = execFileAsync('sh', ['-c', script]);
    await expect(running).rejects.toMatchObject({
      code: 2,
      stderr: 'ipvsadm: ulimit -v is 102400, and Node needs more than 700000\n',
    });
  });

  test('writes what has changed when it is run again', async () => {
    await run('install');
    await writeFile(join(folder, 'dist/completions/_ipvsadm'), '# newer\n');
    const { stdout } = await run('install');
    expect(stdout.match(/^wrote: .*$/gm)).toEqual([
      `wrote: ${join(prefix, 'share/zsh/site-functions/_ipvsadm')}`,
    ]);
    expect(await read('share/zsh/site-functions/_ipvsadm')).toContain('# newer\n');
  });

  test('touches nothing when a file there is not its own', async () => {
    const path = join(prefix, 'sbin/ipvsadm');
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, 'somebody else\n');
    expect(await run('install')).toEqual({
      status: 3,
      stdout: '',
      stderr:
        `These files are not of this package, and nothing was done:\n  ${path}\n` +
        'Move them away first; on Debian, files of a package with: dpkg-divert --local --rename --add FILE\n',
    });
    expect(await placed()).toEqual(['sbin/ipvsadm']);
    expect((await run('uninstall')).stdout).toBe('');
    expect(await read('sbin/ipvsadm')).toBe('somebody else\n');
  });

  test('only says what it would do with --dry-run', async () => {
    const { status, stdout } = await run('install', '--dry-run');
    expect(status).toBe(0);
    expect(stdout.split('\n').slice(0, -1)).toEqual(
      PLACES.map((path) => `would write: ${join(prefix, path)}`),
    );
    expect(await placed()).toEqual([]);
  });

  test('says where it cannot write', async () => {
    await mkdir(prefix);
    await writeFile(join(prefix, 'sbin'), 'no folder');
    await chmod(join(prefix, 'sbin'), 0o600);
    expect(await run('install')).toEqual({
      status: 3,
      stdout: '',
      stderr: `Cannot read ${join(prefix, 'sbin/ipvs')}: Not a directory\n`,
    });
  });
});

describe('ipvs uninstall', () => {
  test('removes what install has put there, and nothing else', async () => {
    await run('install');
    await writeFile(join(prefix, 'sbin/other'), '');
    const { status, stdout } = await run('uninstall');
    expect([status, stdout.match(/^removed: /gm)?.length]).toEqual([0, PLACES.length]);
    expect(await placed()).toEqual(['sbin/other']);
  });
});
