import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { build, stop } from 'esbuild';
import { projectFolder } from './project.js';

/** `require` for the CommonJS packages inside. */
const BANNER =
  "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);";

/** Makes one module of FILE and all it imports, in FOLDER; its name changes with what is in it. */
export async function bundle(file: string, folder: string, name?: string): Promise<string> {
  const { outputFiles } = await build({
    absWorkingDir: projectFolder,
    entryPoints: [file],
    bundle: true,
    write: false,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    // It has a binary beside it: found through the folder's own node_modules.
    external: ['netlink', 'netlink/*'],
    banner: { js: BANNER },
    logLevel: 'silent',
  });
  const contents = outputFiles[0]?.contents ?? new Uint8Array();
  const digest = createHash('sha256').update(contents).digest('hex').slice(0, 12);
  const path = join(folder, name ?? `${basename(file, extname(file))}-${digest}.mjs`);
  await writeFile(path, contents);
  return path;
}

let users = 0;

/** The bundler has a process of its own: who needs it says so, and says when that is over. */
export function useBundler(): void {
  users += 1;
}

export async function leaveBundler(): Promise<void> {
  users -= 1;
  if (users === 0) await stop();
}
