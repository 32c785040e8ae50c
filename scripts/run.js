// Bundles a TypeScript file and runs it in this process: node scripts/run.js FILE.ts [ARGUMENT...]
import { mkdir, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { pageAsText } from './page.js';

const [file, ...args] = process.argv.slice(2);
if (file === undefined) {
  console.error('Usage: node scripts/run.js FILE.ts [ARGUMENT...]');
  process.exit(1);
}

// Inside node_modules, so that the packages that stay outside the bundle are found.
const folder = join(import.meta.dirname, '../node_modules/.cache/ipvs');
const output = join(folder, `${basename(file, '.ts')}-${process.pid}.mjs`);
await mkdir(folder, { recursive: true });
try {
  await build({
    entryPoints: [resolve(file)],
    outfile: output,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    packages: 'external',
    plugins: [pageAsText],
    // The file's own place: node_modules may be a link to another clone's.
    define: { 'import.meta.dirname': JSON.stringify(dirname(resolve(file))) },
    // Once it is loaded the file is not needed, and nobody may be there to remove it at the end.
    banner: {
      js: "import { rmSync as removeSelf } from 'node:fs'; removeSelf(import.meta.filename);",
    },
    logLevel: 'warning',
  });
  process.argv.splice(1, process.argv.length, resolve(file), ...args);
  await import(pathToFileURL(output).href);
} finally {
  await rm(output, { force: true });
}
