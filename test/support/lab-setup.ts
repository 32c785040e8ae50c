/** The labs of a run, one for each of its workers; none is booted when no kernel test is to run. */
import type { TestProject } from 'vitest/node';
import { Lab } from '../lab/lab.js';
import { labCpus } from './lab-cpus.js';

declare module 'vitest' {
  export interface ProvidedContext {
    labSockets: readonly string[];
  }
}

let labs: readonly Lab[] = [];

export async function setup(project: TestProject): Promise<void> {
  labs = await Promise.all(labCpus().map((cpu) => Lab.boot({ cpu })));
  project.provide('labSockets', await Promise.all(labs.map((lab) => lab.serve())));
}

export async function teardown(): Promise<void> {
  await Promise.all(labs.map((lab) => lab.close()));
}
