/** What a program imports: the entry files, on Linux and elsewhere. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { project } from './support/sources.js';

const run = promisify(execFile);

const files = ['index', 'rules', 'state', 'agent', 'testing'];
const entryPoints = files.map((name) => `src/${name}.ts`);

async function readJson<T>(path: string): Promise<T> {
  return JSON.parse(await readFile(join(project, path), 'utf8')) as T;
}

test('every entry is exported, built and documented', async () => {
  const manifest = await readJson<{ exports: Readonly<Record<string, unknown>> }>('package.json');
  const exported = Object.fromEntries(
    files.map((name) => [
      name === 'index' ? '.' : `./${name}`,
      { types: `./dist/${name}.d.ts`, default: `./dist/${name}.js` },
    ]),
  );
  expect(manifest.exports).toEqual({ ...exported, './package.json': './package.json' });
  const built = await readJson<{ files: string[] }>('tsconfig.build.json');
  expect(built.files).toEqual(entryPoints);
  const documented = await readJson<{ entryPoints: string[] }>('typedoc.json');
  expect(documented.entryPoints).toEqual(entryPoints);
});

describe('where the package netlink is missing', () => {
  let folder = '';

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ipvs-entries-'));
    await build({
      absWorkingDir: project,
      entryPoints,
      outdir: folder,
      outExtension: { '.js': '.mjs' },
      bundle: true,
      splitting: true,
      format: 'esm',
      platform: 'node',
      external: ['netlink/*'],
      // The package yaml is CommonJS, and asks for a module of Node.
      banner: {
        js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
      },
      logLevel: 'error',
    });
  });

  afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  /** What a program prints that believes to run on a platform. */
  async function printedOn(platform: string, program: string): Promise<string> {
    const file = join(folder, `${platform}-${basename(folder)}.mjs`);
    const pretend = `Object.defineProperty(process, 'platform', { value: '${platform}' });`;
    await writeFile(file, `${pretend}\n${program}`);
    return (await run(process.execPath, [file])).stdout;
  }

  const platforms = ['linux', 'darwin', 'win32'];

  test.each(platforms)('a client cannot be opened on %s, and the error says why', async (name) => {
    const printed = await printedOn(
      name,
      `
      const { IpvsClient, isIpvsError } = await import('./index.mjs');
      const error = await IpvsClient.open().catch((reason) => reason);
      console.log(isIpvsError(error), error.code, error.message);
      `,
    );
    expect(printed).toBe(
      'true EOPNOTSUPP cannot reach IPVS: this needs Linux, and the optional package netlink with its binary (EOPNOTSUPP)\n',
    );
  });

  test.each(platforms)('rules, tables and fake kernels are of use on %s', async (name) => {
    const printed = await printedOn(
      name,
      `
      const { IpvsClient } = await import('./index.mjs');
      const { formatRules, parseRules } = await import('./rules.mjs');
      const { apply, diff, readTable, tableFrom } = await import('./state.mjs');
      const { tableKernel } = await import('./testing.mjs');
      const client = await IpvsClient.open({ socket: tableKernel() });
      const wanted = tableFrom(parseRules('-A -t 192.0.2.1:80 -s rr\\n-a -t 192.0.2.1:80 -r 10.0.0.2:80 -m'));
      await apply(client, diff([], wanted));
      process.stdout.write(formatRules(await readTable(client)));
      `,
    );
    expect(printed).toBe('-A -t 192.0.2.1:80 -s rr\n-a -t 192.0.2.1:80 -r 10.0.0.2:80 -m -w 1\n');
  });
});
