/** Other versions of Node, to measure starts with. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { projectFolder } from '../test/lab/project.js';

const execute = promisify(execFile);

/** `v24.1.0`. */
export async function versionOf(node: string): Promise<string> {
  const { stdout } = await execute(node, ['--version']);
  return stdout.trim();
}

/** The newest Node of a major version, from the registry: kept for the next time. Undefined when it cannot be had. */
export async function fetchNode(major: number): Promise<string | undefined> {
  const name = `node-linux-${process.arch}`;
  // Beside the compiled code that is kept; git and npm pass it over.
  const folder = join(projectFolder, '.cache/nodes', String(major));
  const node = join(folder, 'node_modules', name, 'bin/node');
  if (existsSync(node)) return node;
  await mkdir(folder, { recursive: true });
  const words = ['install', '--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund'];
  try {
    await execute('npm', [...words, `${name}@${major}`]);
    return existsSync(node) ? node : undefined;
  } catch {
    return undefined;
  }
}
