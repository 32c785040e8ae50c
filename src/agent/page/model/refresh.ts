import type { EventJson } from '../../control/shapes.js';

/** What must be asked for again. */
export type Refresh =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'services'; readonly services: readonly string[] }
  | { readonly kind: 'all' };

/** Above this many, the whole status is one question instead of many. */
export const MOST_SINGLE_SERVICES = 50;

/** Gathers what events make out of date, until it is asked for. */
export class Outdated {
  #all = false;
  #services = new Set<string>();

  addAll(): void {
    this.#all = true;
  }

  addService(service: string): void {
    this.#services.add(service);
  }

  add({ type, service }: EventJson): void {
    // A configuration may have added or removed services; others without one tell of the agent as a whole.
    if (type === 'config' || type === 'agent' || service === undefined) this.#all = true;
    else this.#services.add(service);
  }

  take(): Refresh {
    const services = [...this.#services];
    const all = this.#all || services.length > MOST_SINGLE_SERVICES;
    this.#all = false;
    this.#services = new Set();
    if (all) return { kind: 'all' };
    return services.length === 0 ? { kind: 'nothing' } : { kind: 'services', services };
  }
}
