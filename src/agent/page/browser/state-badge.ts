import type { StateLook } from '../model/states.js';
import { element, icon, setAttribute, setIcon, setText } from './dom.js';

/** A state by its shape, its word and its colour. */
export class StateBadge {
  readonly element: HTMLSpanElement;
  readonly #icon = icon('ok');
  readonly #word = element('span');

  constructor() {
    this.element = element('span', { class: 'badge' }, this.#icon, this.#word);
  }

  update(state: string, { word, tone }: StateLook): void {
    setIcon(this.#icon, state);
    setText(this.#word, word);
    setAttribute(this.element, 'data-tone', tone);
  }
}
