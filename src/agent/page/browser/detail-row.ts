import type { ServiceStatusJson } from '../../control/shapes.js';
import { commandsFor } from '../model/commands.js';
import { clockText, eventLine } from '../model/event-line.js';
import { bytesText, countText, rateText } from '../model/numbers.js';
import type { Row } from '../model/rows.js';
import { element, setAttribute, setText } from './dom.js';
import { PlotView } from './plot-view.js';
import { cell, rowElement } from './row-view.js';
import type { RowContext, RowView } from './row-view.js';

const MOST_EVENTS = 3;

/** A plot of an hour with its name, what it is now, and its highest. */
class NamedPlot {
  readonly element: HTMLElement;
  readonly #plot: PlotView;
  readonly #now = element('strong');
  readonly #highest = element('span', { class: 'highest' });
  readonly #show: (value: number) => string;

  constructor(title: string, show: (value: number) => string) {
    this.#show = show;
    this.#plot = new PlotView(`${title} in the last hour`, 240, 64);
    this.element = element(
      'figure',
      {},
      element('figcaption', {}, element('span', {}, title), this.#now),
      this.#plot.element,
      element(
        'span',
        { class: 'axis', 'aria-hidden': 'true' },
        element('span', {}, '1 h ago'),
        this.#highest,
        element('span', {}, 'now'),
      ),
    );
  }

  update(now: number | undefined, values: readonly (number | null)[] | undefined): void {
    setText(this.#now, now === undefined ? '–' : this.#show(now));
    this.#plot.update(values, this.#show);
    const highest = (values ?? []).reduce<number>((top, value) => Math.max(top, value ?? 0), 0);
    setText(this.#highest, values === undefined ? '' : `highest ${this.#show(highest)}`);
  }
}

/** What there is to say of an open service, above its servers. */
export class DetailRow implements RowView {
  readonly kind = 'detail';
  readonly element: HTMLElement;
  readonly #rate = new NamedPlot('New connections/s', rateText);
  readonly #in = new NamedPlot('In', bytesText);
  readonly #out = new NamedPlot('Out', bytesText);
  readonly #quorum = element('p', { class: 'quorum' });
  readonly #commands = element('p', { class: 'commands' });
  readonly #events = element('ul', { class: 'service-events' });

  constructor() {
    const panel = cell(
      'detail',
      element('div', { class: 'plots' }, this.#rate.element, this.#in.element, this.#out.element),
      element('div', { class: 'facts' }, this.#quorum, this.#events, this.#commands),
    );
    panel.setAttribute('aria-colspan', '8');
    this.element = rowElement('detail', '2', panel);
  }

  update({ service }: Row, { store, now }: RowContext): void {
    const traffic = store.traffic.get(service.service);
    const history = store.details.get(service.service)?.history;
    this.#rate.update(traffic?.rates.connectionsPerSecond, history?.connectionsPerSecond);
    this.#in.update(traffic?.rates.incomingBytesPerSecond, history?.incomingBytesPerSecond);
    this.#out.update(traffic?.rates.outgoingBytesPerSecond, history?.outgoingBytesPerSecond);
    setText(this.#quorum, quorumText(service));
    this.#showCommands(commandsFor(service));
    this.#showEvents(service, store, now);
  }

  #showCommands(commands: readonly string[]): void {
    const text = commands.join('\n');
    if (this.#commands.dataset['text'] === text) return;
    setAttribute(this.#commands, 'data-text', text);
    this.#commands.replaceChildren(...commands.map((command) => element('code', {}, command)));
  }

  #showEvents(service: ServiceStatusJson, store: RowContext['store'], now: number): void {
    const events = store.events
      .filter((event) => event.service === service.service)
      .slice(0, MOST_EVENTS);
    const numbers = `${service.service} ${events.map(({ seq }) => seq).join(' ')}`;
    if (this.#events.dataset['numbers'] === numbers) return;
    this.#events.dataset['numbers'] = numbers;
    const items = events.map((event) => {
      const { what, reason } = eventLine(event, () => undefined);
      const words = [event.server, what, reason].filter(Boolean).join(' ');
      return element('li', {}, element('time', {}, clockText(event.time, now)), ' ', words);
    });
    if (items.length === 0) items.push(element('li', {}, 'None of the last events is about it.'));
    this.#events.replaceChildren(...items);
  }
}

function quorumText({ up, quorum, quorumMet, servers }: ServiceStatusJson): string {
  const weight = servers.reduce((sum, server) => sum + server.weight, 0);
  const wanted = servers.reduce((sum, server) => sum + server.wantedWeight, 0);
  const met = quorumMet ? 'met' : 'not met';
  return `${countText(up)} of ${countText(servers.length)} up, quorum ${countText(quorum)} ${met}; weight ${countText(weight)} of ${countText(wanted)}`;
}
