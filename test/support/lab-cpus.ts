import { usableCpus } from '../lab/host.js';

/** More at once would want more memory than a small machine has. */
const MOST_LABS = 4;

/** A CPU for each lab of a run, the last ones first: each test file has a lab to itself while it runs. */
export function labCpus(): readonly number[] {
  const cpus = usableCpus().reverse();
  // Guests wait for timers a third of their time: a second one on the CPU makes use of that.
  return [...cpus, ...cpus].slice(0, MOST_LABS);
}
