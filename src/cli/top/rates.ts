import type { Rates, Statistics } from '../../ipvs/model/statistics.js';
import { counted, ratesOver, sumOfRates } from '../../state/counters.js';

/** Counters as the kernel has them, and the rates that it estimates. */
export type Counters = Omit<Statistics, 'toJSON'>;

/** What is known of the counters of one service or real server. */
export interface Track {
  readonly rates: Rates;
  /** The rates of each reading, the latest last. */
  readonly history: readonly Rates[];
}

interface Kept extends Track {
  rates: Rates;
  readonly history: Rates[];
  /** The reading that the next rates are counted from. */
  since: Counters;
  sinceMs: number;
}

/** Enough for the widest sparkline. */
export const LONGEST_HISTORY = 60;

/**
 * The kernel adds up its counters every two seconds: two readings that are closer may show no traffic where there is some,
 * and then twice as much. Counters that stand still for so long are taken to stand still.
 */
const STANDSTILL_MS = 3000;

export const noRates: Rates = sumOfRates([]);

/** Rates from counters that are read again and again. */
export class RateBook {
  #tracks = new Map<string, Kept>();

  /**
   * Takes a reading of all there are; what is not in it is forgotten. At its first reading, a service has the rates that the
   * kernel estimates.
   * @param nowMs of a clock that is never set back.
   */
  read(counters: Iterable<readonly [key: string, counters: Counters]>, nowMs: number): void {
    const tracks = new Map<string, Kept>();
    for (const [key, now] of counters) {
      const known = this.#tracks.get(key);
      const track = known ?? { rates: now.rates, history: [], since: now, sinceMs: nowMs };
      if (known !== undefined) advance(known, now, nowMs);
      track.history.push(track.rates);
      if (track.history.length > LONGEST_HISTORY) track.history.shift();
      tracks.set(key, track);
    }
    this.#tracks = tracks;
  }

  of(key: string): Track {
    return this.#tracks.get(key) ?? NOTHING;
  }
}

const NOTHING: Track = { rates: noRates, history: [] };

function advance(track: Kept, now: Counters, nowMs: number): void {
  const elapsedMs = nowMs - track.sinceMs;
  if (elapsedMs <= 0) return;
  if (isSame(track.since, now)) {
    if (elapsedMs < STANDSTILL_MS) return;
    track.rates = noRates;
  } else track.rates = ratesOver(counted(track.since, now), elapsedMs / 1000);
  track.since = now;
  track.sinceMs = nowMs;
}

function isSame(before: Counters, now: Counters): boolean {
  return (
    before.incomingPackets === now.incomingPackets &&
    before.outgoingPackets === now.outgoingPackets &&
    before.connections === now.connections &&
    before.incomingBytes === now.incomingBytes &&
    before.outgoingBytes === now.outgoingBytes
  );
}
