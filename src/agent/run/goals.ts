import { parseServiceId } from '../../ipvs/model/selectors.js';
import type { WantedSettings } from '../../state/plan/settings.js';
import type { WantedService } from '../../state/table.js';
import { overlay } from '../../state/overlay.js';
import type { HealthStore } from './health-store.js';
import type { Leaving } from './leaving.js';
import type { Overrides } from './overrides.js';
import type { GoalSource } from './reconciler.js';
import type { ServiceGoal } from './goal.js';

const NONE: ReadonlySet<string> = new Set();

/** What the table is to be: the file, with what was decided laid over it, and what has left it as long as that is drained. */
export class Goals implements GoalSource {
  readonly #store: HealthStore;
  readonly #overrides: Overrides;
  readonly #leaving: Leaving;
  readonly settings: () => WantedSettings;
  readonly #privateServices: () => ReadonlyMap<string, WantedService>;

  constructor(
    store: HealthStore,
    overrides: Overrides,
    leaving: Leaving,
    settings: () => WantedSettings,
    privateServices: () => ReadonlyMap<string, WantedService>,
  ) {
    this.#privateServices = privateServices;
    this.#store = store;
    this.#overrides = overrides;
    this.#leaving = leaving;
    this.settings = settings;
  }

  keys(): Iterable<string> {
    const { configs } = this.#store;
    return [...configs.keys(), ...this.#privateServices().keys(), ...this.#leaving.serviceKeys()];
  }

  goalFor(key: string): ServiceGoal | undefined {
    const own = this.#privateServices().get(key);
    if (own !== undefined) return { kind: 'keep', name: undefined, leaving: NONE, ...own };
    const config = this.#store.configs.get(key);
    if (config === undefined) return this.#leavingGoal(key);
    const decision = this.#store.decisions.get(key);
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
    return { kind: 'keep', id, name, settings, destinations: effective.destinations, leaving };
  }

  #leavingGoal(key: string): ServiceGoal | undefined {
    if (this.#leaving.service(key) !== undefined) return { kind: 'drain', id: parseServiceId(key) };
    return this.#leaving.isOver(key) ? { kind: 'remove', id: parseServiceId(key) } : undefined;
  }
}
