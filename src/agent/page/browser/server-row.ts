import type { ServerStatusJson } from '../../control/shapes.js';
import { countText, rateText } from '../model/numbers.js';
import type { Row } from '../model/rows.js';
import { SERVER_LOOKS } from '../model/states.js';
import { checksText, serverWhy } from '../model/why.js';
import { element, setAttribute, setText } from './dom.js';
import { cell, rowElement } from './row-view.js';
import type { RowContext, RowView } from './row-view.js';
import { Since } from './since.js';
import { StateBadge } from './state-badge.js';
import { TrafficCell } from './traffic-cell.js';

export class ServerRow implements RowView {
  readonly kind = 'server';
  readonly element: HTMLElement;
  readonly #badge = new StateBadge();
  readonly #name = element('span', { class: 'name' });
  readonly #weight = element('span');
  readonly #why = element('span', { class: 'cause' });
  readonly #since = new Since();
  readonly #active = element('span');
  readonly #rate = element('span', { class: 'rate' });
  readonly #traffic = new TrafficCell();

  constructor() {
    const name = cell('name', this.#name);
    name.setAttribute('role', 'rowheader');
    this.element = rowElement(
      'server',
      '2',
      cell('state', this.#badge.element, this.#since.element),
      name,
      cell('servers', this.#weight, element('span', { class: 'weight-unit' }, 'weight')),
      cell('why', this.#why),
      cell('active', this.#active, element('span', { class: 'unit' }, 'conns')),
      cell('rate', this.#rate, element('span', { class: 'unit' }, 'new/s')),
      this.#traffic.element,
    );
  }

  update(row: Row, { store, now }: RowContext): void {
    if (row.kind !== 'server') return;
    const { server, service } = row;
    const look = SERVER_LOOKS[server.state];
    this.#badge.update(server.state, look);
    setAttribute(this.element, 'data-tone', look.tone);
    setText(this.#name, server.server);
    setText(this.#weight, weightText(server));
    setText(this.#why, serverWhy(server) || checksText([server]));
    this.#since.update(server.since, now);
    const traffic = store.details.get(service.service)?.servers.get(server.server);
    setText(this.#active, traffic ? countText(traffic.connections.active) : '–');
    setText(this.#rate, traffic ? rateText(traffic.rates.connectionsPerSecond) : '–');
    this.#traffic.update(traffic?.rates);
  }
}

/** The weight in the table; beside it that of the file, where it is another one. */
function weightText({ weight, wantedWeight }: ServerStatusJson): string {
  return weight === wantedWeight ? String(weight) : `${weight} of ${wantedWeight}`;
}
