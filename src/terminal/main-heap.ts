import { setFlagsFromString } from 'node:v8';

/**
 * How much the heap may grow beyond what lives, in percent, before all of it is collected. V8 leaves up to three times as much
 * as lives, which is right for who computes and ends. What stays beside other programs gives up a little CPU for half of the
 * memory.
 */
const GROWTH_PERCENT = 40;

/** Keeps the memory of a process that stays near what it needs. Other engines have ways of their own. */
export function boundHeap(): void {
  if (process.versions['bun'] === undefined) {
    setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`);
  }
}
