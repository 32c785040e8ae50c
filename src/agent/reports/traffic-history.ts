import { counted, noCounters, ratesOver } from '../../state/counters.js';
import type { Counters } from '../../state/counters.js';
import { historyRates } from '../control/traffic-shapes.js';
import type { HistoryJson } from '../control/traffic-shapes.js';

/** How far apart readings are. */
export const INTERVAL_MS = 10_000;
/** An hour. */
export const POINTS = 360;
/** A service that has been away for so many readings is forgotten. */
const MOST_MISSED = 30;

/** The last hour of one service: 4.3 KB. */
interface Track {
  before: Counters;
  missed: number;
  /** The rates of {@link historyRates}, one ring of {@link POINTS} after the other; NaN where nothing is known. */
  readonly rates: Float32Array;
}

/** The counters of a service, by its key. */
export type Reading = ReadonlyMap<string, Counters>;

/** Rates of services over the last hour, and of all together, counted from readings of the kernel's counters. */
export class TrafficHistory {
  readonly #tracks = new Map<string, Track>();
  readonly #total = newTrack(noCounters);
  /** How many points there have been. */
  #count = 0;
  #last: { readonly atMs: number; readonly wallMs: number } | undefined;

  /** When the last reading was, since 1970. */
  get wallMs(): number | undefined {
    return this.#last?.wallMs;
  }

  /** @param atMs by the monotonic clock. */
  add(reading: Reading, atMs: number, wallMs: number): void {
    const { atMs: beforeMs } = this.#last ?? { atMs: undefined };
    this.#last = { atMs, wallMs };
    // The first reading is what the second one is counted from.
    if (beforeMs === undefined) {
      for (const [key, counters] of reading) this.#tracks.set(key, newTrack(counters));
      return;
    }
    this.#skip(Math.round((atMs - beforeMs) / INTERVAL_MS) - 1);
    const place = this.#nextPlace();
    let total: readonly number[] = historyRates.map(() => 0);
    for (const [key, counters] of reading) {
      const rates = this.#advance(key, counters, place, (atMs - beforeMs) / 1000);
      if (rates !== undefined) total = total.map((sum, index) => sum + (rates[index] ?? 0));
    }
    put(this.#total, place, total);
    this.#forget(reading, place);
  }

  /** Undefined: nothing is known of the service. */
  of(service: string): HistoryJson | undefined {
    const track = this.#tracks.get(service);
    return track && this.#json(track);
  }

  get total(): HistoryJson {
    return this.#json(this.#total);
  }

  /** @returns its rates since the reading before; undefined where that did not have it. */
  #advance(
    key: string,
    counters: Counters,
    place: number,
    seconds: number,
  ): readonly number[] | undefined {
    const track = this.#tracks.get(key);
    if (track === undefined) {
      this.#tracks.set(key, newTrack(counters));
      return undefined;
    }
    const wasThere = track.missed === 0;
    const all = ratesOver(counted(track.before, counters), seconds);
    const rates = historyRates.map((name) => all[name]);
    track.before = counters;
    track.missed = 0;
    put(track, place, wasThere ? rates : UNKNOWN);
    return wasThere ? rates : undefined;
  }

  #forget(reading: Reading, place: number): void {
    for (const [key, track] of this.#tracks) {
      if (reading.has(key)) continue;
      track.missed += 1;
      if (track.missed > MOST_MISSED) this.#tracks.delete(key);
      else put(track, place, UNKNOWN);
    }
  }

  /** Leaves points empty for readings that there were none of. */
  #skip(points: number): void {
    for (let left = Math.min(points, POINTS); left > 0; left -= 1) {
      const place = this.#nextPlace();
      for (const track of [this.#total, ...this.#tracks.values()]) put(track, place, UNKNOWN);
    }
  }

  #nextPlace(): number {
    this.#count += 1;
    return (this.#count - 1) % POINTS;
  }

  #json({ rates }: Track): HistoryJson {
    const length = Math.min(this.#count, POINTS);
    const points = (offset: number): (number | null)[] =>
      Array.from({ length }, (_, index) => {
        const place = (this.#count - length + index) % POINTS;
        const rate = rates[offset * POINTS + place] ?? NaN;
        return Number.isNaN(rate) ? null : Math.round(rate * 100) / 100;
      });
    const [connections = [], incoming = [], outgoing = []] = historyRates.map((_, index) =>
      points(index),
    );
    return {
      connectionsPerSecond: connections,
      incomingBytesPerSecond: incoming,
      outgoingBytesPerSecond: outgoing,
    };
  }
}

const UNKNOWN: readonly number[] = historyRates.map(() => NaN);

function newTrack(before: Counters): Track {
  const rates = new Float32Array(historyRates.length * POINTS).fill(NaN);
  return { before, missed: 0, rates };
}

function put({ rates }: Track, place: number, values: readonly number[]): void {
  for (const [index, value] of values.entries()) rates[index * POINTS + place] = value;
}
