/** Durations counted by their size, as Prometheus' histograms are. */
export class Histogram {
  /** Upper ends of buckets, in seconds, rising. */
  readonly bounds: readonly number[];
  /** How many were within each bucket alone; the last is of those above all bounds. */
  readonly counts: Uint32Array;
  sum = 0;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.counts = new Uint32Array(bounds.length + 1);
  }

  add(seconds: number): void {
    const found = this.bounds.findIndex((bound) => seconds <= bound);
    const index = found === -1 ? this.bounds.length : found;
    this.counts[index] = (this.counts[index] ?? 0) + 1;
    this.sum += seconds;
  }
}
