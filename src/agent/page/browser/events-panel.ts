import type { EventJson } from '../../control/shapes.js';
import { clockText, eventLine } from '../model/event-line.js';
import type { Store } from '../model/store.js';
import { element, icon, part } from './dom.js';

const ICONS = { info: 'info', warning: 'degraded', error: 'down' } as const;
const TONES = { info: 'planned', warning: 'warning', error: 'bad' } as const;

/** The last events, newest first. */
export class EventsPanel {
  readonly #list = part('event-list', HTMLElement);
  readonly #onOpen: (service: string) => void;
  #shown: readonly EventJson[] = [];

  constructor(onOpen: (service: string) => void) {
    this.#onOpen = onOpen;
  }

  update(store: Store, now: number): void {
    if (store.events === this.#shown) return;
    const known = new Set(this.#shown);
    const fresh = store.events.filter((event) => !known.has(event));
    this.#shown = store.events;
    // They come one by one: what is there stays as it is, and with it where it is scrolled to.
    this.#list.prepend(...fresh.map((event) => this.#item(event, store, now)));
    while (this.#list.childElementCount > store.events.length)
      this.#list.lastElementChild?.remove();
    part('no-events', HTMLElement).hidden = store.events.length > 0;
  }

  #item(event: EventJson, store: Store, now: number): HTMLElement {
    const { subject, what, reason } = eventLine(event, (service) => store.services.get(service));
    const { service } = event;
    const time = element('time', { datetime: event.time }, clockText(event.time, now));
    const severity = element('span', { class: 'said' }, `${event.severity}: `);
    const item = element('li', { 'data-tone': toneOf(event) }, icon(iconOf(event)), time, severity);
    if (subject !== '') {
      const name = element('button', { type: 'button', class: 'link' }, subject);
      if (service === undefined) name.disabled = true;
      else
        name.addEventListener('click', () => {
          this.#onOpen(service);
        });
      item.append(name);
    }
    item.append(
      element('span', { class: 'what' }, what),
      element('span', { class: 'cause' }, reason),
    );
    return item;
  }
}

/** Where something has become well again, that is what is shown. */
function isGood({ severity, to }: EventJson): boolean {
  return severity === 'info' && (to === 'up' || to === 'ok');
}

function iconOf(event: EventJson): string {
  return isGood(event) ? 'ok' : ICONS[event.severity];
}

function toneOf(event: EventJson): string {
  return isGood(event) ? 'good' : TONES[event.severity];
}
