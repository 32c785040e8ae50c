import { expect } from 'vitest';
import type { Namespace } from '../lab/lab.js';
import { ROOT } from './shell.js';

/** What `ipvs doctor --json` tells of one finding. */
export interface Told {
  readonly id: string;
  readonly severity: string;
  readonly sightings: readonly { readonly evidence: string; readonly mend: readonly string[] }[];
}

/** What the doctor finds on a machine, with these options. */
export async function findingsOf(machine: Namespace, ...options: string[]): Promise<Told[]> {
  const { code, stdout, stderr } = await machine.ipvs(['doctor', '--json', ...options]);
  expect(stderr).toBe('');
  const { findings, notLookedAt } = JSON.parse(stdout) as {
    readonly findings: Told[];
    readonly notLookedAt: unknown;
  };
  expect(notLookedAt).toEqual([]);
  expect(code).toBe(findings.length > 0 ? 1 : 0);
  return findings;
}

/** One finding; undefined when it is not among those of the machine. */
export async function finding(
  machine: Namespace,
  id: string,
  ...options: string[]
): Promise<Told | undefined> {
  return (await findingsOf(machine, ...options)).find((one) => one.id === id);
}

/** Types what a finding says mends it, line by line. */
export async function mend(machine: Namespace, { sightings }: Told): Promise<void> {
  for (const line of sightings.flatMap((sighting) => sighting.mend)) {
    const [program = '', ...words] = line.split(' ');
    const { code, stderr } =
      program === 'ipvsadm'
        ? await machine.ipvsadm(words)
        : await machine.run(['sh', '-c', line], { env: ROOT });
    expect([line, code, stderr]).toEqual([line, 0, '']);
  }
}

/** Sees a finding, types what mends it, and sees it gone. @returns what was seen. */
export async function seeAndMend(
  machine: Namespace,
  id: string,
  ...options: string[]
): Promise<Pick<Told, 'severity' | 'sightings'>> {
  const found = await finding(machine, id, ...options);
  if (found === undefined) throw new Error(`${id} is not found`);
  await mended(machine, found, ...options);
  const { severity, sightings } = found;
  return { severity, sightings };
}

/** Types what mends a finding, and sees it gone. */
export async function mended(
  machine: Namespace,
  told: Told | undefined,
  ...options: string[]
): Promise<void> {
  if (told === undefined) throw new Error('nothing was found');
  await mend(machine, told);
  expect(await finding(machine, told.id, ...options)).toBeUndefined();
}
