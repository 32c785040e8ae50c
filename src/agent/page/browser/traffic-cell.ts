import type { Rates } from '../../../ipvs/model/statistics.js';
import { bytesText } from '../model/numbers.js';
import { cell } from './row-view.js';
import { element, setAttribute, setText } from './dom.js';

/** Bytes in and out, one above the other. */
export class TrafficCell {
  readonly element: HTMLElement;
  readonly #in = element('span', { class: 'bytes' });
  readonly #out = element('span', { class: 'bytes' });

  constructor() {
    this.element = cell(
      'traffic',
      element('span', { class: 'way' }, element('span', { class: 'said' }, 'in '), this.#in),
      element(
        'span',
        { class: 'way way-out' },
        element('span', { class: 'said' }, 'out '),
        this.#out,
      ),
    );
  }

  update(rates: Rates | undefined): void {
    setText(this.#in, rates ? bytesText(rates.incomingBytesPerSecond) : '–');
    const unseen = rates !== undefined && isUnseen(rates);
    setText(this.#out, rates && !unseen ? bytesText(rates.outgoingBytesPerSecond) : '–');
    const title = unseen ? 'Replies do not come by the director: direct routing or a tunnel' : '';
    setAttribute(this.element, 'title', title);
  }
}

/** Something comes in and nothing goes out: replies take another way. */
function isUnseen({ incomingPacketsPerSecond, outgoingPacketsPerSecond }: Rates): boolean {
  return outgoingPacketsPerSecond === 0 && incomingPacketsPerSecond > 0;
}
