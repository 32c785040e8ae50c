import type { EventJson } from '../../control/shapes.js';
import { groupsOf } from '../model/event-groups.js';
import type { EventGroup } from '../model/event-groups.js';
import { clockText } from '../model/clock.js';
import { eventLine } from '../model/event-line.js';
import type { Store } from '../model/store.js';
import { element, icon, part, setAttribute, setIcon, setText } from './dom.js';

const ICONS = { info: 'info', warning: 'degraded', error: 'down' } as const;
const TONES = { info: 'planned', warning: 'warning', error: 'bad' } as const;

/** The last events, newest first. */
export class EventsPanel {
  readonly #list = part('event-list', HTMLElement);
  readonly #empty = part('no-events', HTMLElement);
  readonly #onOpen: (service: string) => void;
  readonly #items = new Map<number, EventItem>();
  #shown: readonly EventJson[] | undefined;

  constructor(onOpen: (service: string) => void) {
    this.#onOpen = onOpen;
  }

  update(store: Store, now: number): void {
    if (store.events === this.#shown) return;
    this.#shown = store.events;
    const groups = groupsOf(store.events);
    const keys = new Set(groups.map(({ key }) => key));
    for (const [key, item] of this.#items) {
      if (keys.has(key)) continue;
      this.#items.delete(key);
      item.element.remove();
    }
    // Elements stay: one of them may have the focus.
    let next = this.#list.firstElementChild;
    for (const group of groups) {
      const item = this.#items.get(group.key) ?? new EventItem(this.#onOpen);
      this.#items.set(group.key, item);
      item.update(group, store, now);
      if (item.element === next) next = next.nextElementSibling;
      else this.#list.insertBefore(item.element, next);
    }
    this.#empty.hidden = groups.length > 0;
  }
}

class EventItem {
  readonly element: HTMLElement;
  readonly #icon = icon('info');
  readonly #severity = element('span', { class: 'said' });
  readonly #name = element('button', { type: 'button', class: 'link' });
  readonly #servers = element('span', { class: 'event-servers' });
  readonly #what = element('span', { class: 'what' });
  readonly #reason = element('span', { class: 'cause' });
  readonly #time = element('time');
  #service: string | undefined;

  constructor(onOpen: (service: string) => void) {
    const text = element('p', {}, this.#severity, this.#name, this.#servers, this.#what);
    this.element = element('li', {}, this.#icon, text, this.#time, this.#reason);
    this.#name.addEventListener('click', () => {
      if (this.#service !== undefined) onOpen(this.#service);
    });
  }

  update(group: EventGroup, store: Store, now: number): void {
    const { last } = group;
    const line = eventLine(group, (service) => store.services.get(service));
    const good = isGood(last);
    setIcon(this.#icon, good ? 'ok' : ICONS[last.severity]);
    setAttribute(this.element, 'data-tone', good ? 'good' : TONES[last.severity]);
    setText(this.#severity, `${last.severity}: `);
    this.#service = last.service;
    this.#name.hidden = line.subject === '';
    setText(this.#name, line.subject);
    setText(this.#servers, line.servers);
    setText(this.#what, line.what);
    setText(this.#reason, line.reason);
    setText(this.#time, clockText(last.time, now));
    setAttribute(this.#time, 'datetime', last.time);
  }
}

/** Where something has become well again, that is what is shown. */
function isGood({ severity, to }: EventJson): boolean {
  return severity === 'info' && (to === 'up' || to === 'ok');
}
