import type { Delivery, HookTarget } from './hook-target.js';

/** How many events wait at most. Of more, the oldest are dropped: the latest state matters most. */
export const MOST_WAITING = 1000;

export interface HookQueueEvents {
  /** Called for the first of several failed deliveries in a row. */
  onFailure(reason: string): void;
  /** The target accepts events again. @param lost how many it missed. */
  onRecovered(lost: number): void;
}

/** Delivers events to one target: in order, one at a time. Nobody waits for it. */
export class HookQueue {
  readonly #target: HookTarget;
  readonly #events: HookQueueEvents;
  #waiting: string[] = [];
  #current: Delivery | undefined;
  #isFailing = false;
  #lost = 0;
  #onIdle: (() => void) | undefined;

  constructor(target: HookTarget, events: HookQueueEvents) {
    this.#target = target;
    this.#events = events;
  }

  get key(): string {
    return this.#target.key;
  }

  add(body: string): void {
    if (this.#waiting.length >= MOST_WAITING) {
      this.#waiting = this.#waiting.slice(1);
      this.#lose(`it is too slow, and more than ${MOST_WAITING} events wait`);
    }
    this.#waiting.push(body);
    if (this.#current === undefined) void this.#work();
  }

  /** Resolves when all events are delivered. */
  idle(): Promise<void> {
    if (this.#current === undefined) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onIdle = resolve;
    });
  }

  /** Delivers nothing more. */
  stop(): void {
    this.#waiting = [];
    this.#current?.cancel();
  }

  async #work(): Promise<void> {
    for (let body = this.#waiting.shift(); body !== undefined; body = this.#waiting.shift()) {
      this.#current = this.#target.deliver(body);
      const failure = await this.#current.done;
      if (failure === undefined) this.#recover();
      else this.#lose(failure);
    }
    this.#current = undefined;
    this.#onIdle?.();
  }

  #lose(reason: string): void {
    this.#lost += 1;
    if (!this.#isFailing) this.#events.onFailure(reason);
    this.#isFailing = true;
  }

  #recover(): void {
    if (!this.#isFailing) return;
    // A slow target accepts some events while others are dropped: it has recovered when the queue is empty.
    if (this.#waiting.length > 0) return;
    this.#isFailing = false;
    this.#events.onRecovered(this.#lost);
    this.#lost = 0;
  }
}
