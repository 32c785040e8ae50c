import type { ServiceStatusJson } from '../../control/shapes.js';
import { commandsFor } from '../model/commands.js';
import { groupsOf } from '../model/event-groups.js';
import { clockText } from '../model/clock.js';
import { eventLine } from '../model/event-line.js';
import { bytesText, countText, rateText } from '../model/numbers.js';
import type { Row } from '../model/rows.js';
import { element, setAttribute, setText } from './dom.js';
import { NamedPlot } from './named-plot.js';
import { cell, rowElement } from './row-view.js';
import type { RowContext, RowView } from './row-view.js';

const MOST_EVENTS = 3;

/** What there is to say of an open service, above its servers. */
export class DetailRow implements RowView {
  readonly kind = 'detail';
  readonly element: HTMLElement;
  readonly #rate = new NamedPlot('New conns/s', rateText);
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
    panel.setAttribute('aria-colspan', '7');
    this.element = rowElement('detail', '2', panel);
  }

  update({ service }: Row, { store, now }: RowContext): void {
    const { intervalSeconds: interval } = store;
    const traffic = store.traffic.get(service.service);
    const history = store.details.get(service.service)?.history;
    this.#rate.update(traffic?.rates.connectionsPerSecond, history?.connectionsPerSecond, interval);
    this.#in.update(
      traffic?.rates.incomingBytesPerSecond,
      history?.incomingBytesPerSecond,
      interval,
    );
    this.#out.update(
      traffic?.rates.outgoingBytesPerSecond,
      history?.outgoingBytesPerSecond,
      interval,
    );
    setText(this.#quorum, quorumText(service));
    this.#showCommands(commandsFor(service));
    this.#showEvents(service, store, now);
  }

  #showCommands(commands: readonly string[]): void {
    const text = commands.join('\n');
    if (this.#commands.dataset['text'] === text) return;
    setAttribute(this.#commands, 'data-text', text);
    const words = commands.map((command) => element('code', {}, command));
    this.#commands.replaceChildren(element('span', {}, 'On the director:'), ...words);
  }

  #showEvents(service: ServiceStatusJson, store: RowContext['store'], now: number): void {
    const about = store.events.filter((event) => event.service === service.service);
    const groups = groupsOf(about).slice(0, MOST_EVENTS);
    const shown = `${service.service} ${groups.map(({ last }) => last.seq).join(' ')}`;
    if (this.#events.dataset['shown'] === shown) return;
    this.#events.dataset['shown'] = shown;
    const items = groups.map((group) => {
      const { servers, what, reason } = eventLine(group, () => undefined);
      const words = [servers, what, reason].filter(Boolean).join(' ');
      return element('li', {}, element('time', {}, clockText(group.last.time, now)), ' ', words);
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
