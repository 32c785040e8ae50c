import { bytesText, countText, plural, rateText } from '../model/numbers.js';
import { overviewOf } from '../model/overview.js';
import { SERVER_LOOKS, SERVER_STATES, SERVICE_LOOKS, SERVICE_STATES } from '../model/states.js';
import type { StateLook } from '../model/states.js';
import type { Store } from '../model/store.js';
import { element, icon, part, setAttribute, setIcon, setText } from './dom.js';
import { PlotView } from './plot-view.js';

const TAB_COLOURS = { good: '#1a8a4c', planned: '#4a5fd0', warning: '#d48a00', bad: '#d3202f' };

class Total {
  readonly element: HTMLElement;
  readonly #value = element('strong');
  readonly #plot: PlotView;
  readonly #show: (value: number) => string;

  constructor(title: string, show: (value: number) => string) {
    this.#show = show;
    this.#plot = new PlotView(`All services, ${title.toLowerCase()} in the last hour`, 150, 34);
    this.element = element(
      'figure',
      {},
      element('figcaption', {}, element('span', {}, title), this.#value),
      this.#plot.element,
    );
  }

  update(now: number | undefined, values: readonly (number | null)[] | undefined): void {
    setText(this.#value, now === undefined ? '–' : this.#show(now));
    this.#plot.update(values, this.#show);
  }
}

/** A state and how many are in it; nothing where none is. */
class StateCount {
  readonly element = element('li');
  readonly #count = element('strong');
  readonly #remark = element('span', { class: 'remark' });

  constructor(state: string, { word, tone }: StateLook) {
    const label = ` ${word.toLowerCase()}`;
    this.element.append(icon(state), element('span', {}, this.#count, label, this.#remark));
    this.element.dataset['tone'] = tone;
  }

  update(count: number, remark = ''): void {
    setText(this.#count, countText(count));
    setText(this.#remark, remark);
    this.element.hidden = count === 0;
  }
}

/** What is wrong at a glance, and the traffic of all services. */
export class Summary {
  readonly #verdict = part('verdict', HTMLElement);
  readonly #verdictIcon = icon('ok');
  readonly #text = element('span');
  readonly #services = SERVICE_STATES.map((state) => ({
    state,
    count: new StateCount(state, SERVICE_LOOKS[state]),
  }));
  readonly #servers = SERVER_STATES.map((state) => ({
    state,
    count: new StateCount(state, SERVER_LOOKS[state]),
  }));
  readonly #serversTitle = part('server-total', HTMLElement);
  readonly #servicesTitle = part('service-total', HTMLElement);
  readonly #rate = new Total('New conns/s', rateText);
  readonly #in = new Total('In', bytesText);
  readonly #out = new Total('Out', bytesText);

  constructor() {
    this.#verdict.replaceChildren(this.#verdictIcon, this.#text);
    part('service-counts', HTMLElement).append(...this.#services.map(({ count }) => count.element));
    part('server-counts', HTMLElement).append(...this.#servers.map(({ count }) => count.element));
    part('totals', HTMLElement).append(this.#rate.element, this.#in.element, this.#out.element);
  }

  /** Counts are only made again where a service has changed. */
  updateStatus({ services }: Store): void {
    const overview = overviewOf(services.values());
    setAttribute(this.#verdict, 'data-tone', overview.tone);
    setIcon(
      this.#verdictIcon,
      { good: 'ok', planned: 'draining', warning: 'degraded', bad: 'down' }[overview.tone],
    );
    setText(this.#text, overview.verdict);
    for (const { state, count } of this.#services) {
      const remark =
        state === 'degraded' && overview.planned > 0
          ? `, ${countText(overview.planned)} without a failure`
          : '';
      count.update(overview.byState[state], remark);
    }
    for (const { state, count } of this.#servers) count.update(overview.servers[state]);
    const servers = Object.values(overview.servers).reduce((sum, count) => sum + count, 0);
    setText(this.#servicesTitle, plural(overview.services, 'service'));
    setText(this.#serversTitle, plural(servers, 'server'));
    const { wrong } = overview;
    document.title = `${wrong > 0 ? `(${wrong}) ` : ''}ipvs: ${overview.verdict}`;
    this.#colourTab(TAB_COLOURS[overview.tone]);
  }

  #colourTab(colour: string): void {
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7" fill="${colour}"/></svg>`;
    setAttribute(
      part('tab-icon', HTMLLinkElement),
      'href',
      `data:image/svg+xml,${encodeURIComponent(svg)}`,
    );
  }

  updateTraffic({ total }: Store): void {
    this.#rate.update(total?.rates.connectionsPerSecond, total?.history.connectionsPerSecond);
    this.#in.update(total?.rates.incomingBytesPerSecond, total?.history.incomingBytesPerSecond);
    this.#out.update(total?.rates.outgoingBytesPerSecond, total?.history.outgoingBytesPerSecond);
  }
}
