/** The labs of a run, one for each of its workers; none is booted when no kernel test is to run. */
import type { TestProject } from 'vitest/node';
import { Lab, type BootOptions, type ServedLab } from '../lab/lab.js';
import { labCpus } from './lab-cpus.js';

declare module 'vitest' {
  export interface ProvidedContext {
    labs: readonly ServedLab[];
  }
}

/** What vitest calls before and after the tests of a project. */
export function labsOfRun(options: BootOptions) {
  let labs: readonly Lab[] = [];
  return {
    setup: async (project: TestProject): Promise<void> => {
      // No more than files at once, when the command line says how many those are.
      const cpus = labCpus().slice(0, project.vitest.config.maxWorkers);
      labs = await Promise.all(cpus.map((cpu) => Lab.boot({ ...options, cpu })));
      project.provide('labs', await Promise.all(labs.map((lab) => lab.serve())));
    },
    teardown: async (): Promise<void> => {
      await Promise.all(labs.map((lab) => lab.close()));
    },
  };
}

export const { setup, teardown } = labsOfRun({});
