/** Nothing in the current folder or the environment makes the executable run other code or print anything else. */
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { executables, harmless, run } from './executables.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ipvs-executable-'));
  await mkdir(join(folder, 'empty'));
  await mkdir(join(folder, 'full'));
});
afterAll(() => rm(folder, { recursive: true }));

const EVIL = "require('node:fs').writeFileSync(__dirname + '/ran', ''); console.log('loaded');\n";

/** What Bun and Node look for in the current folder. */
const files: Readonly<Record<string, string>> = {
  'evil.js': EVIL,
  'bunfig.toml': 'preload = ["./evil.js"]\n[run]\npreload = ["./evil.js"]\n',
  '.env': 'FORCE_COLOR=1\nNO_COLOR=\nBUN_OPTIONS=--preload ./evil.js\n',
  '.env.local': 'FORCE_COLOR=1\n',
  '.env.production': 'FORCE_COLOR=1\n',
  'tsconfig.json': '{ "compilerOptions": { "paths": { "node:fs": ["./evil.js"] } } }\n',
  'package.json': '{ "name": "evil", "main": "evil.js", "imports": { "#x": "./evil.js" } }\n',
};

/** A minimal environment. */
const clean = { PATH: process.env['PATH'], HOME: '/nonexistent' };

describe.each(harmless)('%s %s', (command, option) => {
  const words = [join(executables.native, command), ...option.split(' ').filter(Boolean)] as const;
  const expected = () => run(words, { cwd: join(folder, 'empty'), env: clean });

  test('prints something', async () => {
    const { stdout, stderr } = await expected();
    expect(`${stdout}${stderr}`).not.toBe('');
  });

  test('neither runs nor reads files of the current folder', async () => {
    const cwd = join(folder, 'full');
    for (const [name, text] of Object.entries(files)) await writeFile(join(cwd, name), text);
    expect(await run(words, { cwd, env: clean })).toEqual(await expected());
    expect((await readdir(cwd)).sort()).toEqual(Object.keys(files).sort());
  });

  test.each([
    { BUN_OPTIONS: '--preload ./evil.js' },
    { BUN_OPTIONS: '--inspect-brk' },
    { BUN_BE_BUN: '1' },
    { BUN_INSPECT: 'ws://127.0.0.1:1/x?wait=1' },
    { BUN_INSPECT_PRELOAD: './evil.js' },
    { NODE_OPTIONS: '--require ./evil.js' },
    { NODE_EXTRA_CA_CERTS: './nothing.pem' },
    { NODE_PATH: '.' },
  ])('ignores %o', async (variables) => {
    const cwd = join(folder, 'full');
    await writeFile(join(cwd, 'evil.js'), EVIL);
    expect(await run(words, { cwd, env: { ...clean, ...variables } })).toEqual(await expected());
    expect(await readdir(cwd)).not.toContain('ran');
  });
});
