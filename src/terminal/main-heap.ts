import { setFlagsFromString } from 'node:v8';

/**
 * How far the heap may grow above the live data, in percent, before a full collection. V8's default of up to three times suits
 * a program that computes and ends; a daemon trades a little CPU for half of the memory.
 */
const GROWTH_PERCENT = 40;

/** Keeps the heap of a daemon near its live data. Only V8 has this setting. */
export function boundHeap(): void {
  if (process.versions['bun'] === undefined) {
    setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`);
  }
}
