import { expect } from 'vitest';
import type { Namespace } from '../lab/lab.js';
import { PATIENCE_MS } from '../lab/patience.js';

/** Programs of others in the background of a namespace, and the folder they have there. */

const PATIENCE = { timeout: PATIENCE_MS, interval: 500 };

export function folderOf(namespace: Namespace): string {
  return `/run/programs/${namespace.name}`;
}

/** Writes a file in the namespace's folder. */
export async function write(namespace: Namespace, name: string, text: string): Promise<void> {
  const script = 'mkdir -p "$1" && cat >"$1/$2"';
  const words = ['sh', '-c', script, 'sh', folderOf(namespace), name];
  await namespace.run(words, { stdin: text });
}

/** A file of the namespace's folder. */
export async function read(namespace: Namespace, name: string): Promise<string> {
  return (await namespace.run(['cat', `${folderOf(namespace)}/${name}`])).stdout;
}

/** Starts a program in the background, in the namespace's folder; gives its process number. */
export async function start(
  namespace: Namespace,
  line: string,
  log = '/dev/null',
): Promise<number> {
  const folder = folderOf(namespace);
  const script = `mkdir -p ${folder} && cd ${folder} && { ${line} >${log} 2>&1 </dev/null & echo $!; }`;
  const { code, stdout, stderr } = await namespace.run(['sh', '-c', script]);
  expect([code, stderr]).toEqual([0, '']);
  return Number(stdout);
}

export async function stop(namespace: Namespace, pid: number): Promise<void> {
  await namespace.run(['kill', String(pid)]);
  const alive = async () => (await namespace.run(['kill', '-0', String(pid)])).code === 0;
  await expect.poll(alive, PATIENCE).toBe(false);
}
