import type { Word } from './option-values.js';

/** The schedulers of Linux 6.1, and which real server each chooses. */
export const schedulers: readonly Word[] = [
  { word: 'rr', help: 'round robin' },
  { word: 'wrr', help: 'weighted round robin' },
  { word: 'lc', help: 'least connections' },
  { word: 'wlc', help: 'weighted least connections' },
  { word: 'lblc', help: 'locality-based least connections' },
  { word: 'lblcr', help: 'locality-based least connections with replication' },
  { word: 'dh', help: "hash of the destination's address" },
  { word: 'sh', help: "hash of the client's address" },
  { word: 'sed', help: 'shortest expected delay' },
  { word: 'nq', help: 'never queue (an idle server, else the shortest expected delay)' },
  { word: 'fo', help: 'failover (the highest weight)' },
  { word: 'ovf', help: 'overflow (the highest weight, then the next as it fills up)' },
  { word: 'mh', help: 'Maglev (consistent) hashing of the client address' },
];
