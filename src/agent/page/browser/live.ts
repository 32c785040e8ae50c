import type { EventJson, ServiceStatusJson, StatusJson } from '../../control/shapes.js';
import type { TrafficJson } from '../../control/traffic-shapes.js';
import { Outdated } from '../model/refresh.js';
import type { Store } from '../model/store.js';
import { Api, ApiError } from './api.js';

/** Events that come together are asked for together. */
const GATHER_MS = 100;
/** Weights grow and checks go on without an event. */
const WHOLE_STATUS_MS = 60_000;
const RETRY_MS = 2_000;
/** The agent has room for so many followers only: without a stream the page goes on by asking this often. */
const STREAM_RETRY_MS = 5_000;
/** An event that is older than the status by this much is in it. */
const MARGIN_MS = 3_000;
const MOST_KEYS = 100;

export interface LiveOptions {
  readonly store: Store;
  /** What has changed is to be shown; services that have become worse are to be announced too. */
  readonly onChange: (what: 'status' | 'other', worse: readonly ServiceStatusJson[]) => void;
  /** Services that can be seen, the open ones first. */
  readonly visible: () => { readonly shown: readonly string[]; readonly open: readonly string[] };
  /** Whether the order of services depends on the traffic of all. */
  readonly needsAllTraffic: () => boolean;
}

/** Keeps the store as the agent is. */
export class Live {
  readonly #api = new Api();
  readonly #options: LiveOptions;
  readonly #outdated = new Outdated();
  #events: EventSource | undefined;
  #statusAskedAt = 0;
  #refreshing = false;
  #refreshTimer: number | undefined;
  #detailTimer: number | undefined;
  #problem: { readonly since: number; readonly message: string } | undefined;

  constructor(options: LiveOptions) {
    this.#options = options;
  }

  /** What keeps the page from being up to date, and since when. */
  get problem(): { readonly since: number; readonly message: string } | undefined {
    return this.#problem;
  }

  /** Milliseconds since 1970 by the agent's clock. */
  now(): number {
    return this.#api.now();
  }

  start(): void {
    this.#outdated.addAll();
    this.#refreshSoon(0);
    this.#follow();
    void this.#readTraffic();
    this.#tick();
    window.setInterval(() => {
      this.#outdated.addAll();
      this.#refreshSoon(0);
    }, WHOLE_STATUS_MS);
    // A browser lets timers of hidden pages wait.
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState !== 'visible') return;
      this.#outdated.addAll();
      this.#refreshSoon(0);
      void this.#readTraffic();
    });
  }

  /** Asks for what is now to be seen and is not known, once scrolling has come to rest. */
  lookAt(): void {
    window.clearTimeout(this.#detailTimer);
    this.#detailTimer = window.setTimeout(() => void this.#readDetails(), GATHER_MS);
  }

  #tick(): void {
    window.setTimeout(() => {
      if (document.visibilityState === 'visible') {
        if (this.#options.needsAllTraffic()) void this.#readTraffic();
        else void this.#readDetails(() => true);
        this.#refreshOpen();
      }
      this.#tick();
    }, this.#options.store.intervalSeconds * 1_000);
  }

  #refreshOpen(): void {
    const { store, visible } = this.#options;
    for (const service of visible().open) {
      if (store.services.has(service)) this.#outdated.addService(service);
    }
    this.#refreshSoon(0);
  }

  #follow(): void {
    const { store, onChange } = this.#options;
    const source = new EventSource('v1/events?last=200');
    this.#events = source;
    let lastSeq = 0;
    source.addEventListener('message', ({ data }: MessageEvent<string>) => {
      const event = JSON.parse(data) as EventJson;
      // The first event of a new stream, or of an agent that counts from 1 again.
      if (event.seq <= lastSeq || lastSeq === 0) store.clearEvents();
      lastSeq = event.seq;
      store.addEvent(event);
      if (Date.parse(event.time) > this.#statusAskedAt - MARGIN_MS) {
        this.#outdated.add(event);
        this.#refreshSoon(GATHER_MS);
      }
      onChange('other', []);
    });
    source.addEventListener('error', () => {
      // Whether the agent is gone, the answer tells; where only the stream is, the page goes on by asking.
      this.#outdated.addAll();
      this.#refreshSoon(0);
      if (source.readyState !== EventSource.CLOSED) return;
      window.setTimeout(() => {
        if (this.#events === source) this.#follow();
      }, STREAM_RETRY_MS);
    });
  }

  #refreshSoon(delayMs: number): void {
    if (this.#refreshing || this.#refreshTimer !== undefined) return;
    this.#refreshTimer = window.setTimeout(() => {
      this.#refreshTimer = undefined;
      void this.#refresh();
    }, delayMs);
  }

  async #refresh(): Promise<void> {
    const refresh = this.#outdated.take();
    if (refresh.kind === 'nothing') return;
    this.#refreshing = true;
    const begun = performance.now();
    try {
      if (refresh.kind === 'all') await this.#readStatus();
      else await Promise.all(refresh.services.map((service) => this.#readService(service)));
      this.#succeed();
    } catch (error) {
      this.#outdated.addAll();
      this.#fail(reasonOf(error));
    }
    this.#refreshing = false;
    // A large status takes a while: the agent has other work too.
    const pause = this.#problem ? RETRY_MS : Math.max(GATHER_MS, 2 * (performance.now() - begun));
    this.#refreshSoon(pause);
  }

  async #readStatus(): Promise<void> {
    const askedAt = this.#api.now();
    const status = await this.#api.get<StatusJson>('v1/status');
    this.#statusAskedAt = askedAt;
    this.#options.onChange('status', this.#options.store.setStatus(status));
  }

  async #readService(service: string): Promise<void> {
    try {
      const path = `v1/services/${encodeURIComponent(service)}`;
      const answer = await this.#api.get<ServiceStatusJson>(path);
      this.#options.onChange('status', this.#options.store.setService(answer));
    } catch (error) {
      // It has been removed.
      if (!(error instanceof ApiError && error.status === 404)) throw error;
      this.#options.store.services.delete(service);
      this.#options.onChange('status', []);
    }
  }

  async #readTraffic(): Promise<void> {
    await this.#askTraffic('v1/traffic', true);
    await this.#readDetails();
  }

  async #readDetails(isWanted?: (key: string) => boolean): Promise<void> {
    const { store, visible } = this.#options;
    const { shown, open } = visible();
    const isOld = (key: string) => {
      const detail = store.details.get(key);
      return detail === undefined || detail.time !== store.trafficTime;
    };
    const keys = [...new Set([...open, ...shown])].filter(isWanted ?? isOld).slice(0, MOST_KEYS);
    if (keys.length === 0) return;
    await this.#askTraffic(`v1/traffic?services=${keys.map(encoded).join(',')}`, false);
  }

  async #askTraffic(path: string, complete: boolean): Promise<void> {
    try {
      this.#options.store.setTraffic(await this.#api.get<TrafficJson>(path), complete);
      this.#options.onChange('other', []);
    } catch (error) {
      // With a status it is the table that cannot be read: what was known of traffic is no longer true.
      if (error instanceof ApiError && error.status !== undefined) {
        this.#options.store.forgetTraffic();
        this.#options.onChange('other', []);
      } else this.#fail(reasonOf(error));
    }
  }

  #fail(message: string): void {
    this.#problem ??= { since: this.#api.now(), message };
    this.#outdated.addAll();
    this.#refreshSoon(RETRY_MS);
    this.#options.onChange('other', []);
  }

  #succeed(): void {
    if (this.#problem === undefined) return;
    this.#problem = undefined;
    void this.#readTraffic();
    this.#options.onChange('other', []);
  }
}

/** Colons may stand in a query as they are; it stays short enough for a header. */
function encoded(key: string): string {
  return encodeURIComponent(key).replaceAll('%3A', ':');
}

/** What the agent did: with another error, its answer is one that this page cannot show. */
function reasonOf(error: unknown): string {
  return error instanceof ApiError
    ? error.message
    : `has sent what cannot be shown (${String(error)})`;
}
