import { parseServiceId } from '../../ipvs/model/selectors.js';
import type { WantedSettings } from '../../state/plan/settings.js';
import { overlay } from '../../state/overlay.js';
import type { HealthBook } from './health-book.js';
import type { Leaving } from './leaving.js';
import type { Overrides } from './overrides.js';
import type { WishSource } from './reconciler.js';
import type { ServiceWish } from './wish.js';

/** What the table is to be: the file, with what was decided laid over it, and what has left it as long as that is drained. */
export class Wishes implements WishSource {
  readonly #book: HealthBook;
  readonly #overrides: Overrides;
  readonly #leaving: Leaving;
  readonly settings: () => WantedSettings;

  constructor(
    book: HealthBook,
    overrides: Overrides,
    leaving: Leaving,
    settings: () => WantedSettings,
  ) {
    this.#book = book;
    this.#overrides = overrides;
    this.#leaving = leaving;
    this.settings = settings;
  }

  keys(): Iterable<string> {
    return [...this.#book.configs.keys(), ...this.#leaving.serviceKeys()];
  }

  wishFor(key: string): ServiceWish | undefined {
    const config = this.#book.configs.get(key);
    if (config === undefined) return this.#leaverWish(key);
    const decision = this.#book.decisions.get(key);
    if (decision === undefined) return undefined;
    const { id, name, settings, sorryServer } = config;
    const places = new Map(
      decision.servers.map(({ key: server, isInTable, weight }) => [
        server,
        { isInTable: isInTable && !this.#overrides.isTakenOut(key, server), weight },
      ]),
    );
    const destinations = config.servers.map((one) => ({ id: one.id, settings: one.settings }));
    const sorry = decision.isSorryIn && sorryServer !== undefined ? [sorryServer] : [];
    const extra = sorry.map((one) => ({ id: one.id, settings: one.settings }));
    const effective = overlay({ id, settings, destinations }, places, extra);
    const leaving = new Set(this.#leaving.serversOf(key).keys());
    return { fate: 'kept', id, name, settings, destinations: effective.destinations, leaving };
  }

  #leaverWish(key: string): ServiceWish | undefined {
    if (this.#leaving.service(key) !== undefined)
      return { fate: 'drained', id: parseServiceId(key) };
    return this.#leaving.isOver(key) ? { fate: 'removed', id: parseServiceId(key) } : undefined;
  }
}
