import type { Query } from '../model/query.js';
import { part, setAttribute, setText } from './dom.js';

type View = 'services' | 'events';

/** Where there is little room, services and events are shown one at a time. */
export class Views {
  readonly #tabs = {
    services: part('tab-services', HTMLButtonElement),
    events: part('tab-events', HTMLButtonElement),
  };
  readonly #empty = part('empty', HTMLElement);

  constructor() {
    for (const view of ['services', 'events'] as const) {
      this.#tabs[view].addEventListener('click', () => {
        this.show(view);
      });
    }
    this.show('services');
  }

  show(view: View): void {
    document.body.dataset['view'] = view;
    for (const [name, tab] of Object.entries(this.#tabs)) {
      setAttribute(tab, 'aria-pressed', String(name === view));
    }
  }

  /** Why the list is empty, where it is. */
  update(rows: number, services: number, { search, onlyWrong }: Query): void {
    this.#empty.hidden = rows > 0;
    if (rows > 0) return;
    setText(this.#empty, emptyText(services, search, onlyWrong));
  }
}

function emptyText(services: number, search: string, onlyWrong: boolean): string {
  if (services === 0) return 'The agent has no services: its files name none.';
  if (search === '') return 'Nothing is wrong.';
  return onlyWrong
    ? `Of what is wrong, nothing has “${search}”. Type w to search all services.`
    : `No service has “${search}”. Escape clears the search.`;
}
