import { countText, rateText } from '../model/numbers.js';
import { nameOf } from '../model/query.js';
import type { Row } from '../model/rows.js';
import { serviceLook } from '../model/states.js';
import { checksText, serviceWhy } from '../model/why.js';
import { element, icon, setAttribute, setText } from './dom.js';
import { Pips } from './pips.js';
import { PlotView } from './plot-view.js';
import { cell, rowElement } from './row-view.js';
import type { RowContext, RowView } from './row-view.js';
import { Since } from './since.js';
import { StateBadge } from './state-badge.js';
import { TrafficCell } from './traffic-cell.js';

export class ServiceRow implements RowView {
  readonly kind = 'service';
  readonly element: HTMLElement;
  readonly #badge = new StateBadge();
  readonly #name = element('span', { class: 'name' });
  readonly #address = element('span', { class: 'address' });
  readonly #up = element('span', { class: 'up' });
  readonly #pips = new Pips();
  readonly #effect = element('span', { class: 'effect' });
  readonly #cause = element('span', { class: 'cause' });
  readonly #why = cell('why', this.#effect, this.#cause);
  readonly #since = new Since();
  readonly #active = element('span');
  readonly #rate = element('span', { class: 'rate' });
  readonly #plot = new PlotView('New connections per second in the last hour', 96, 26);
  readonly #traffic = new TrafficCell();

  constructor() {
    const name = cell('name', icon('open'), element('span', {}, this.#name, this.#address));
    name.setAttribute('role', 'rowheader');
    this.element = rowElement(
      'service',
      '1',
      cell('state', this.#badge.element, this.#since.element),
      name,
      cell('servers', this.#up, this.#pips.element),
      this.#why,
      cell('active', this.#active, element('span', { class: 'unit' }, 'conns')),
      cell('rate', this.#rate, element('span', { class: 'unit' }, 'new/s'), this.#plot.element),
      this.#traffic.element,
    );
  }

  update({ service }: Row, { store, now, isOpen }: RowContext): void {
    const look = serviceLook(service);
    this.#badge.update(service.state, look);
    setAttribute(this.element, 'data-tone', look.tone);
    setAttribute(this.element, 'aria-expanded', String(isOpen(service.service)));
    setText(this.#name, nameOf(service));
    setText(this.#address, service.name === undefined ? '' : service.service);
    setAttribute(this.#address, 'title', service.service);
    setText(this.#up, `${countText(service.up)}/${countText(service.servers.length)}`);
    this.#pips.update(service.servers);
    const { effect, causes } = serviceWhy(service);
    const [first = '', ...others] = causes;
    const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
    setAttribute(this.#why, 'title', causes.join('\n'));
    setText(this.#effect, effect);
    setText(this.#cause, service.state === 'ok' ? checksText(service.servers) : first + more);
    this.#since.update(service.since, now);
    const traffic = store.traffic.get(service.service);
    setText(this.#active, traffic ? countText(traffic.connections.active) : '–');
    setText(this.#rate, traffic ? rateText(traffic.rates.connectionsPerSecond) : '–');
    const history = store.details.get(service.service)?.history;
    this.#plot.update(history?.connectionsPerSecond, rateText);
    this.#traffic.update(traffic?.rates);
  }
}
