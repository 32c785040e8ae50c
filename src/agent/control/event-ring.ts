import type { EventSource } from './control.js';
import type { EventJson, NewEvent } from './shapes.js';

export interface EventRingOptions {
  /** How many are kept. Default 10,000. */
  readonly capacity?: number;
  /** The number of the last event before, so that numbers go on when the agent starts again. Default 0. */
  readonly startSeq?: number;
  /** Milliseconds since 1970. Default: the clock. */
  readonly now?: () => number;
}

const CAPACITY = 10_000;

/**
 * The last events. Whoever reads slowly costs nothing: a reader remembers the number that it has come to, and asks for what is
 * kept behind it.
 */
export class EventRing implements EventSource {
  readonly #capacity: number;
  readonly #now: () => number;
  /** An event is at its number modulo the capacity. */
  readonly #slots: EventJson[] = [];
  readonly #subscribers = new Set<(event: EventJson) => void>();
  readonly #startSeq: number;
  #lastSeq: number;

  constructor({ capacity = CAPACITY, startSeq = 0, now = Date.now }: EventRingOptions = {}) {
    if (!Number.isSafeInteger(capacity) || capacity < 1) {
      throw new RangeError(`capacity ${capacity} is not a number of events from 1 on`);
    }
    if (!Number.isSafeInteger(startSeq) || startSeq < 0) {
      throw new RangeError(`startSeq ${startSeq} is not a number of an event`);
    }
    this.#capacity = capacity;
    this.#now = now;
    this.#startSeq = startSeq;
    this.#lastSeq = startSeq;
  }

  get lastSeq(): number {
    return this.#lastSeq;
  }

  /** The lowest number that is kept; above {@link lastSeq} where there is none. */
  get firstSeq(): number {
    return Math.max(this.#startSeq, this.#lastSeq - this.#capacity) + 1;
  }

  /** Keeps an event, in place of the oldest where there are too many, and tells all subscribers. */
  add({ type, time, ...facts }: NewEvent): EventJson {
    this.#lastSeq += 1;
    const event: EventJson = {
      type,
      seq: this.#lastSeq,
      time: time ?? new Date(this.#now()).toISOString(),
      ...facts,
    };
    this.#slots[this.#slotOf(event.seq)] = event;
    // Whoever ends its subscription meanwhile hears no more.
    for (const tell of this.#subscribers) tell(event);
    return event;
  }

  since(seq: number): readonly EventJson[] {
    const events: EventJson[] = [];
    for (let next = Math.max(seq + 1, this.firstSeq); next <= this.#lastSeq; next += 1) {
      const event = this.#slots[this.#slotOf(next)];
      if (event !== undefined) events.push(event);
    }
    return events;
  }

  /** @param onEvent must not throw, and must not wait. */
  subscribe(onEvent: (event: EventJson) => void): () => void {
    // One function may be subscribed twice.
    const tell = (event: EventJson): void => {
      onEvent(event);
    };
    this.#subscribers.add(tell);
    return () => {
      this.#subscribers.delete(tell);
    };
  }

  /** Counted from the first number, so that the slots are filled from the first one on. */
  #slotOf(seq: number): number {
    return (seq - this.#startSeq - 1) % this.#capacity;
  }
}
