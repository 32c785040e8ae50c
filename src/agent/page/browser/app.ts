import type { ServiceStatusJson } from '../../control/shapes.js';
import { hashOf, placeOf } from '../model/place.js';
import { isByTraffic, select } from '../model/query.js';
import { rowsOf } from '../model/rows.js';
import { Store } from '../model/store.js';
import { Announcer } from './announcer.js';
import { part } from './dom.js';
import { EventsPanel } from './events-panel.js';
import { startKeys } from './keys.js';
import type { KeyActions } from './keys.js';
import { List } from './list.js';
import { Live } from './live.js';
import { Notices } from './notices.js';
import type { RowContext } from './row-view.js';
import { Summary } from './summary.js';
import { Theme } from './theme.js';
import { Toolbar } from './toolbar.js';
import { Views } from './views.js';

/** What has to be drawn again, each with those before it: where rows are, what they show, which there are. */
const DUE = ['place', 'values', 'rows'] as const;
type Due = (typeof DUE)[number];

/** Ages go on. */
const AGES_MS = 1_000;

export class App implements KeyActions {
  readonly #store = new Store();
  readonly #open = new Set<string>();
  readonly #body = part('services-body', HTMLElement);
  readonly #list = new List(part('services', HTMLElement), this.#body);
  readonly #summary = new Summary();
  readonly #notices = new Notices();
  readonly #announcer = new Announcer();
  readonly #views = new Views();
  readonly #theme = new Theme();
  readonly #help = part('help', HTMLDialogElement);
  readonly #toolbar = new Toolbar(() => {
    this.#changed();
  });
  readonly #events = new EventsPanel((service) => {
    this.#show(service);
  });
  readonly #live = new Live({
    store: this.#store,
    onChange: (what, worse) => {
      this.#announcer.announceWorse(worse);
      this.#drawSoon(what === 'status' || this.#isByTraffic() ? 'rows' : 'values');
    },
    visible: () => ({ shown: this.#list.shownServices(), open: [...this.#open] }),
    needsAllTraffic: () => this.#isByTraffic(),
  });
  #due: Due = 'rows';
  #frame: number | undefined;

  start(): void {
    this.#takePlace();
    startKeys(this);
    part('help-button', HTMLButtonElement).addEventListener('click', () => {
      this.help();
    });
    part('help-close', HTMLButtonElement).addEventListener('click', () => {
      this.#help.close();
    });
    this.#body.addEventListener('click', ({ target }) => {
      this.#clicked(target);
    });
    window.addEventListener('hashchange', () => {
      this.#takePlace();
      this.#drawSoon('rows');
    });
    window.addEventListener(
      'scroll',
      () => {
        this.#drawSoon('place');
      },
      { passive: true },
    );
    window.addEventListener('resize', () => {
      this.#list.resized();
      this.#drawSoon('rows');
    });
    window.setInterval(() => {
      this.#drawSoon('values');
    }, AGES_MS);
    this.#live.start();
  }

  #takePlace(): void {
    const place = placeOf(location.hash);
    this.#toolbar.query = place;
    this.#open.clear();
    for (const service of place.open) this.#open.add(service);
  }

  /** Somebody has changed what is shown: it is drawn, and the address says so. */
  #changed(): void {
    const hash = hashOf({ ...this.#toolbar.query, open: [...this.#open] });
    history.replaceState(null, '', hash === '' ? location.pathname : hash);
    this.#drawSoon('rows');
  }

  #isByTraffic(): boolean {
    return isByTraffic(this.#toolbar.query.order);
  }

  #drawSoon(due: Due): void {
    if (DUE.indexOf(due) > DUE.indexOf(this.#due)) this.#due = due;
    if (this.#frame !== undefined) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = undefined;
      this.#draw();
    });
  }

  #context(): RowContext {
    return { store: this.#store, now: this.#live.now(), isOpen: (key) => this.#open.has(key) };
  }

  #draw(): void {
    const { services, agent } = this.#store;
    const context = this.#context();
    const due = this.#due;
    this.#due = 'place';
    if (due !== 'place') this.#drawAround(context);
    if (agent === undefined) return;
    if (due === 'rows') this.#selectRows();
    this.#list.draw(context, due !== 'place');
    this.#views.update(this.#list.rows.length, services.size, this.#toolbar.query);
    this.#live.lookAt();
  }

  /** All but the list. */
  #drawAround(context: RowContext): void {
    this.#notices.update(this.#store, this.#live.problem, context.now);
    this.#summary.updateTraffic(this.#store);
    // They have services by their names, which the status has.
    if (this.#store.agent) this.#events.update(this.#store, context.now);
  }

  #selectRows(): void {
    const { services, traffic } = this.#store;
    this.#summary.updateStatus(this.#store);
    const found = select(services.values(), this.#toolbar.query, (key) => traffic.get(key));
    this.#list.setRows(rowsOf(found, (key) => this.#open.has(key)));
    this.#toolbar.update(found.length, services.size);
  }

  /** Draws at once: what comes next needs the rows as they are now. */
  #drawNow(): RowContext {
    this.#draw();
    return this.#context();
  }

  #clicked(target: EventTarget | null): void {
    const row = this.#list.rowOf(target);
    // Who selects text to copy it does not want to open anything.
    if (row?.kind !== 'service' || getSelection()?.isCollapsed === false) return;
    this.#setOpen(row.service, !this.#open.has(row.service.service));
  }

  #setOpen({ service }: ServiceStatusJson, open: boolean): void {
    if (open) this.#open.add(service);
    else this.#open.delete(service);
    this.#changed();
  }

  /** Opens a service wherever it is, also where a search or the filter hides it. */
  #show(service: string): void {
    if (!this.#store.services.has(service)) return;
    this.#open.add(service);
    this.#views.show('services');
    this.#changed();
    this.#drawNow();
    if (!this.#list.rows.some(({ key }) => key === service)) {
      this.#toolbar.query = { ...this.#toolbar.query, search: '', onlyWrong: false };
      this.#changed();
    }
    this.#list.focusKey(service, this.#drawNow());
  }

  moveBy(rows: number): void {
    this.#list.moveBy(rows, this.#drawNow());
  }

  moveToEnd(end: 'first' | 'last'): void {
    this.#list.focusIndex(end === 'first' ? 0 : this.#list.rows.length - 1, this.#drawNow());
  }

  movePage(direction: 1 | -1): void {
    this.#list.moveBy(direction * this.#list.pageLength(), this.#drawNow());
  }

  toggle(): void {
    const row = this.#list.current;
    if (row?.kind === 'service') this.#setOpen(row.service, !this.#open.has(row.key));
  }

  open(): void {
    const row = this.#list.current;
    if (row?.kind === 'service') this.#setOpen(row.service, true);
  }

  close(): void {
    const row = this.#list.current;
    if (row === undefined) return;
    this.#setOpen(row.service, false);
    this.#list.focusKey(row.service.service, this.#drawNow());
  }

  escape(): void {
    if (this.#toolbar.search.value !== '') {
      this.#toolbar.clearSearch();
      this.#list.moveBy(0, this.#drawNow());
    } else if (document.activeElement === this.#toolbar.search) {
      this.#list.moveBy(0, this.#drawNow());
    } else if (this.#body.contains(document.activeElement)) {
      this.close();
    } else {
      this.#views.show('services');
    }
  }

  search(): void {
    this.#views.show('services');
    this.#toolbar.search.focus();
    this.#toolbar.search.select();
  }

  toggleWrong(): void {
    this.#toolbar.toggleWrong();
    this.#announcer.say(this.#toolbar.query.onlyWrong ? 'Only what is wrong' : 'All services');
  }

  nextOrder(): void {
    this.#announcer.say(`Sorted by: ${this.#toolbar.nextOrder()}`);
  }

  events(): void {
    this.#views.show('events');
    part('event-scroll', HTMLElement).focus();
  }

  theme(): void {
    this.#theme.next();
  }

  help(): void {
    this.#help.showModal();
  }
}
