import type { HistoryJson } from '../../control/traffic-shapes.js';
import { plotOf, plotText } from '../model/plot.js';
import { setAttribute, svgElement } from './dom.js';

type Values = HistoryJson['connectionsPerSecond'];

/** An hour at a reading every ten seconds. */
export const POINTS = 360;

/** A small plot of the last hour. */
export class PlotView {
  readonly element: SVGSVGElement;
  readonly #line = svgElement('path', { class: 'line' });
  readonly #area = svgElement('path', { class: 'area' });
  readonly #mark = svgElement('path', { class: 'mark' });
  readonly #title: string;
  readonly #size: { readonly width: number; readonly height: number; readonly points: number };
  #values: Values | undefined;

  constructor(title: string, width: number, height: number) {
    this.#title = title;
    this.#size = { width, height, points: POINTS };
    this.element = svgElement(
      'svg',
      {
        class: 'plot',
        viewBox: `0 0 ${width} ${height}`,
        preserveAspectRatio: 'none',
        role: 'img',
        'aria-label': `${title}: nothing known yet`,
      },
      ...[this.#area, this.#line, this.#mark],
    );
  }

  /** Draws a line down through a place, from 0, left, to 1, right; undefined: none. */
  mark(place: number | undefined): void {
    const { width, height } = this.#size;
    setAttribute(this.#mark, 'd', place === undefined ? '' : `M${place * width} 0V${height}`);
  }

  update(values: Values | undefined, show: (value: number) => string): void {
    if (values === this.#values) return;
    this.#values = values;
    const { line, area } = plotOf(values ?? [], this.#size);
    this.#line.setAttribute('d', line);
    this.#area.setAttribute('d', area);
    setAttribute(this.element, 'aria-label', `${this.#title}: ${plotText(values ?? [], show)}`);
  }
}
