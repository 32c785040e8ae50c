import { ageText } from '../model/numbers.js';
import { highestOf, pointAt } from '../model/plot.js';
import { element, setText } from './dom.js';
import { PlotView, POINTS } from './plot-view.js';

type Values = readonly (number | null)[];

/** A plot of an hour with its name, what it is now, and its highest; where it is pointed at, what it was then. */
export class NamedPlot {
  readonly element: HTMLElement;
  readonly #plot: PlotView;
  readonly #value = element('strong');
  readonly #left = element('span', { class: 'ago' });
  readonly #highest = element('span', { class: 'highest' });
  readonly #show: (value: number) => string;
  #now: number | undefined;
  #values: Values | undefined;
  #intervalSeconds = 0;
  /** From 0, left, to 1, right; undefined: it is not pointed at. */
  #pointer: number | undefined;

  constructor(title: string, show: (value: number) => string) {
    this.#show = show;
    this.#plot = new PlotView(`${title} in the last hour`, 240, 64);
    this.element = element(
      'figure',
      {},
      element('figcaption', {}, element('span', {}, title), this.#value),
      this.#plot.element,
      element(
        'p',
        { class: 'axis', 'aria-hidden': 'true' },
        ...[this.#left, this.#highest, element('span', { class: 'ago' }, 'now')],
      ),
    );
    const { element: svg } = this.#plot;
    svg.addEventListener('pointermove', ({ clientX }) => {
      const { left, width } = svg.getBoundingClientRect();
      this.#point((clientX - left) / width);
    });
    svg.addEventListener('pointerleave', () => {
      this.#point(undefined);
    });
  }

  update(now: number | undefined, values: Values | undefined, intervalSeconds: number): void {
    this.#now = now;
    this.#values = values;
    this.#intervalSeconds = intervalSeconds;
    this.#plot.update(values, this.#show);
    setText(this.#highest, values ? `max ${this.#show(highestOf(values))}` : '');
    this.#point(this.#pointer);
  }

  #point(pointer: number | undefined): void {
    this.#pointer = pointer;
    const point = pointer === undefined ? undefined : pointAt(this.#values ?? [], pointer, POINTS);
    this.#plot.mark(point && pointer);
    const value = point === undefined ? this.#now : (point.value ?? undefined);
    setText(this.#value, value === undefined ? '–' : this.#show(value));
    const ago = point && ageText(point.pointsAgo * this.#intervalSeconds * 1000);
    setText(this.#left, ago === undefined ? '−1 h' : `${ago} ago`);
  }
}
