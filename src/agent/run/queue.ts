/** Something that is due at a time. */
export interface Due {
  /** By the monotonic clock. */
  dueMs: number;
  /** Its place in the queue; -1: it is not in it. Kept by the queue. */
  place: number;
}

/** What is due, the earliest first: a binary heap, since tens of thousands of checks change their places all the time. */
export class DueQueue<Item extends Due> {
  readonly #heap: Item[] = [];

  get size(): number {
    return this.#heap.length;
  }

  /** The earliest, which stays. */
  first(): Item | undefined {
    return this.#heap[0];
  }

  add(item: Item): void {
    item.place = this.#heap.length;
    this.#heap.push(item);
    this.#rise(item);
  }

  /** Does nothing when it is not there. */
  remove(item: Item): void {
    const { place } = item;
    if (place < 0) return;
    item.place = -1;
    const last = this.#heap.pop();
    if (last === undefined || last === item) return;
    this.#put(last, place);
    this.#rise(last);
    this.#sink(last);
  }

  /** Takes out the earliest that is due by then. */
  takeDue(nowMs: number): Item | undefined {
    const first = this.#heap[0];
    if (first === undefined || first.dueMs > nowMs) return undefined;
    this.remove(first);
    return first;
  }

  #rise(item: Item): void {
    while (item.place > 0) {
      const above = this.#heap[(item.place - 1) >> 1];
      if (above === undefined || above.dueMs <= item.dueMs) return;
      this.#swap(item, above);
    }
  }

  #sink(item: Item): void {
    for (;;) {
      const left = this.#heap[2 * item.place + 1];
      const right = this.#heap[2 * item.place + 2];
      const smaller = right !== undefined && left !== undefined && right.dueMs < left.dueMs;
      const below = smaller ? right : left;
      if (below === undefined || below.dueMs >= item.dueMs) return;
      this.#swap(item, below);
    }
  }

  #swap(one: Item, other: Item): void {
    const { place } = one;
    this.#put(one, other.place);
    this.#put(other, place);
  }

  #put(item: Item, place: number): void {
    this.#heap[place] = item;
    item.place = place;
  }
}
