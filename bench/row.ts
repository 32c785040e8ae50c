import type { Guest } from './guest.js';
import type { Result } from './result.js';

/** What a row may ask for. */
export interface Bench {
  /** How often a pair is run, where it is `usual`; else what was asked for. */
  readonly runs: (usual: number) => number;
  /** The real kernel, booted when it is first needed. */
  readonly guest: () => Promise<Guest>;
  /** Programs `node` to measure starts with, the one that runs this first. */
  readonly nodes: readonly string[];
  /** Says what is being done. */
  readonly step: (text: string) => void;
}

/** Some measurements that belong together, and their name on the command line. */
export interface Row {
  readonly name: string;
  /** For -h. */
  readonly about: string;
  readonly run: (bench: Bench) => Promise<readonly Result[]>;
}

/** Runs each in turn, again and again: whatever else the machine does weighs on all alike. */
export async function inTurn<Name extends string, T>(
  { step }: Bench,
  runs: number,
  runners: Readonly<Record<Name, () => Promise<T>>>,
): Promise<Record<Name, T[]>> {
  const names = Object.keys(runners) as Name[];
  const all = Object.fromEntries(names.map((name) => [name, [] as T[]])) as Record<Name, T[]>;
  for (let run = 1; run <= runs; run += 1) {
    for (const name of names) {
      step(`${name}, run ${run} of ${runs}`);
      all[name].push(await runners[name]());
    }
  }
  return all;
}
