import { expect } from 'vitest';
import type { CommandResult, Lab, Namespace } from '../lab/lab.js';
import { shell } from './shell.js';

/** The command `ipvs` on a machine of the lab. */
export function ipvs(machine: Namespace, ...words: string[]): Promise<CommandResult> {
  return machine.ipvs(words);
}

/** Runs a command that must succeed. @returns what it prints. */
export async function ipvsDone(machine: Namespace, ...words: string[]): Promise<string> {
  const { code, stdout, stderr } = await ipvs(machine, ...words);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
}

/** Writes a rules file in the guest. */
export async function writeRules(lab: Lab, file: string, rules: readonly string[]): Promise<void> {
  const stdin = rules.map((rule) => `${rule}\n`).join('');
  expect((await lab.run(['tee', file], { stdin })).code).toBe(0);
}

/** Who answers on fresh connections, in order; `failed` where nobody does. */
export async function whoAnswers(
  client: Namespace,
  address: string,
  requests: number,
): Promise<string[]> {
  const host = address.includes(':') ? `[${address}]` : address;
  const one = `curl -g -s -m 15 'http://${host}/' || echo failed`;
  const all = Array.from({ length: requests }, () => one).join('\n');
  return (await shell(client, all)).trim().split('\n');
}
