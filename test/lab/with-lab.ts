import { constants } from 'node:os';
import { LabError } from './errors.js';
import { Lab, type BootOptions } from './lab.js';

/** Resolves with the status a shell gives to that signal. */
function endAsked(): Promise<number> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.on(signal, () => {
        resolve(128 + constants.signals[signal]);
      });
  });
}

/** Boots a lab, uses it, closes it, and ends this process with the status: also when a signal asks for the end. */
export async function withLab(
  options: BootOptions,
  use: (lab: Lab) => Promise<number>,
): Promise<never> {
  let lab: Lab | undefined;
  let status: number;
  const work = Lab.boot(options).then((booted) => {
    lab = booted;
    return use(booted);
  });
  try {
    status = await Promise.race([work, endAsked()]);
  } catch (error) {
    process.stderr.write(`${error instanceof LabError ? error.message : String(error)}\n`);
    status = 1;
  }
  // One that is only booting is left to its guard.
  await lab?.close();
  process.exit(status);
}
