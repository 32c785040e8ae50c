// Runs a module of the source in this process, so that scripts can ask the tables.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { build } from 'esbuild';

const require = createRequire(import.meta.url);

/**
 * What a TypeScript module exports, as it stands in the source.
 * @param path from the project's folder: src/rules/grammar/options.ts.
 */
export async function evaluate(path) {
  const { outputFiles } = await build({
    absWorkingDir: join(import.meta.dirname, '..'),
    entryPoints: [path],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    write: false,
    logLevel: 'warning',
  });
  const module = { exports: {} };
  new Function('module', 'require', outputFiles[0].text)(module, require);
  return module.exports;
}
