import { createRequire } from 'node:module';
import { readFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { compileFunction } from 'node:vm';
import { build } from 'esbuild';
import type { Plugin } from 'esbuild';
// @ts-expect-error -- a script for Node alone, in JavaScript.
import { programOptions } from '../../scripts/program-options.js';
import type { runIpvs } from '../../src/cli/program.js';
import { project } from './sources.js';

/** A module of the source that was evaluated, by its path `src/cli/verbs.ts`, and its share of the program. */
export interface LoadedModule {
  readonly path: string;
  readonly bytes: number;
}

/** What a run of the command has loaded. */
export interface Loaded {
  readonly modules: readonly LoadedModule[];
  /** Packages: commander, chalk. */
  readonly packages: readonly string[];
}

const loadPackage = createRequire(import.meta.url);

/** A function of the program that modules call when they are evaluated. */
const EVALUATED = '__evaluated';

type Evaluate = (
  module: { exports: object },
  load: (name: string) => unknown,
  evaluated: (path: string) => void,
) => void;

const sayingWhenEvaluated: Plugin = {
  name: 'saying-when-evaluated',
  setup: (bundler) => {
    bundler.onLoad({ filter: /\/src\/.*\.ts$/ }, async ({ path }) => {
      const name = JSON.stringify(relative(project, path));
      const text = await readFile(path, 'utf8');
      return { contents: `${EVALUATED}(${name});${text}`, loader: 'ts' };
    });
  },
};

/**
 * Bundles the command `ipvs` as its programs are bundled: what is imported with `import()` is evaluated when that is reached.
 * @returns a function that evaluates the program afresh for a run, and says what that has loaded.
 */
export async function recordingProgram(): Promise<
  (run: (program: typeof runIpvs) => Promise<unknown>) => Promise<Loaded>
> {
  const { outputFiles, metafile } = await build({
    ...(programOptions as object),
    absWorkingDir: project,
    entryPoints: ['src/cli/program.ts'],
    outfile: 'program.cjs',
    // So that it is this file which loads packages, those too that `import()` asks for.
    packages: 'external',
    supported: { 'dynamic-import': false },
    write: false,
    metafile: true,
    plugins: [sayingWhenEvaluated],
  });
  const [output] = Object.values(metafile.outputs);
  const parameters = ['module', 'require', EVALUATED];
  const evaluate = compileFunction(outputFiles[0]?.text ?? '', parameters) as Evaluate;
  return async (run) => {
    const modules: LoadedModule[] = [];
    const packages = new Set<string>();
    const module = { exports: {} as { readonly runIpvs: typeof runIpvs } };
    const load = (name: string): unknown => {
      if (!name.startsWith('node:')) packages.add(name);
      return loadPackage(name);
    };
    evaluate(module, load, (path: string) =>
      modules.push({ path, bytes: output?.inputs[path]?.bytesInOutput ?? 0 }),
    );
    await run(module.exports.runIpvs);
    return { modules, packages: [...packages] };
  };
}
