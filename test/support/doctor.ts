import { expect } from 'vitest';
import type { Namespace } from '../lab/lab.js';
import { ROOT } from './shell.js';

/** A finding, as `ipvs doctor --json` prints it. */
export interface JsonFinding {
  readonly id: string;
  readonly severity: string;
  readonly occurrences: readonly { readonly evidence: string; readonly fix: readonly string[] }[];
}

/** What the doctor finds on a machine, with these options. */
export async function findingsOf(host: Namespace, ...options: string[]): Promise<JsonFinding[]> {
  const { code, stdout, stderr } = await host.ipvs(['doctor', '--json', ...options]);
  expect(stderr).toBe('');
  const { findings, skipped } = JSON.parse(stdout) as {
    readonly findings: JsonFinding[];
    readonly skipped: unknown;
  };
  expect(skipped).toEqual([]);
  expect(code).toBe(findings.length > 0 ? 1 : 0);
  return findings;
}

/** The checks that send packets, and wait up to seconds for replies. */
const ACTIVE = ['arp-duplicate', 'real-server-port-closed'];

/** One finding; undefined when it is not among those of the machine. Sends packets only where the check does. */
export async function finding(
  host: Namespace,
  id: string,
  ...options: string[]
): Promise<JsonFinding | undefined> {
  const passive = ACTIVE.includes(id) ? [] : ['--passive'];
  const all = [...new Set([...options, ...passive])];
  return (await findingsOf(host, ...all)).find((one) => one.id === id);
}

/** Types the fix of a finding, line by line. */
export async function fix(host: Namespace, { occurrences }: JsonFinding): Promise<void> {
  for (const line of occurrences.flatMap((occurrence) => occurrence.fix)) {
    const [program = '', ...words] = line.split(' ');
    const { code, stderr } =
      program === 'ipvsadm'
        ? await host.ipvsadm(words)
        : await host.run(['sh', '-c', line], { env: ROOT });
    expect([line, code, stderr]).toEqual([line, 0, '']);
  }
}

/** Expects a finding, types its fix, and expects it to be gone. @returns the finding. */
export async function findAndFix(
  host: Namespace,
  id: string,
  ...options: string[]
): Promise<Pick<JsonFinding, 'severity' | 'occurrences'>> {
  const found = await finding(host, id, ...options);
  if (found === undefined) throw new Error(`${id} is not found`);
  await expectFixed(host, found, ...options);
  const { severity, occurrences } = found;
  return { severity, occurrences };
}

/** Types the fix of a finding, and expects it to be gone. */
export async function expectFixed(
  host: Namespace,
  found: JsonFinding | undefined,
  ...options: string[]
): Promise<void> {
  if (found === undefined) throw new Error('nothing was found');
  await fix(host, found);
  expect(await finding(host, found.id, ...options)).toBeUndefined();
}
