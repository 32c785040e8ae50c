import { expect } from 'vitest';
import type { Namespace } from '../lab/lab.js';

/** The modprobe that finds the modules of the guest's kernel is in /run. */
export const ROOT = { PATH: '/run:/usr/sbin:/usr/bin:/sbin:/bin' };

/** Lines for a shell, as root has it, each of which must go well. @returns what they print. */
export async function shell(machine: Namespace, lines: string): Promise<string> {
  const { code, stdout, stderr } = await machine.run(['sh', '-ec', lines], { env: ROOT });
  expect([lines, code, stderr]).toEqual([lines, 0, '']);
  return stdout;
}
