/** One lab for all kernel tests of a run; it is not booted when none of them is to run. */
import type { TestProject } from 'vitest/node';
import { Lab } from '../lab/lab.js';

declare module 'vitest' {
  export interface ProvidedContext {
    labSocket: string;
  }
}

let lab: Lab | undefined;

export async function setup(project: TestProject): Promise<void> {
  lab = await Lab.boot();
  project.provide('labSocket', await lab.serve());
}

export async function teardown(): Promise<void> {
  await lab?.close();
}
