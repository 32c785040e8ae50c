import type { Word } from './option-values.js';

/** The schedulers of Linux 6.1, and which real server each chooses. */
export const schedulers: readonly Word[] = [
  { word: 'rr', help: 'in turn' },
  { word: 'wrr', help: 'in turn, by weight' },
  { word: 'lc', help: 'fewest connections' },
  { word: 'wlc', help: 'fewest connections for its weight' },
  { word: 'lblc', help: 'the same for a destination, unless overloaded' },
  { word: 'lblcr', help: 'one of a set for a destination' },
  { word: 'dh', help: "hash of the destination's address" },
  { word: 'sh', help: "hash of the client's address" },
  { word: 'sed', help: 'shortest expected wait' },
  { word: 'nq', help: 'an idle one, else shortest expected wait' },
  { word: 'fo', help: 'highest weight' },
  { word: 'ovf', help: 'highest weight, then the next as it fills up' },
  { word: 'mh', help: "consistent hash of the client's address" },
];
