import { countText, plural } from '../model/numbers.js';
import { isOrder, ORDER_NAMES, ORDERS } from '../model/query.js';
import type { Order, Query } from '../model/query.js';
import { element, part, setAttribute, setText } from './dom.js';

/** Search, filter and order. */
export class Toolbar {
  readonly search = part('search', HTMLInputElement);
  readonly #wrong = part('wrong', HTMLInputElement);
  readonly #order = part('order', HTMLSelectElement);
  readonly #count = part('count', HTMLElement);
  readonly #heads = document.querySelectorAll<HTMLElement>('.row-head [data-order]');
  readonly #onChange: () => void;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
    for (const order of ORDER_NAMES) {
      this.#order.append(element('option', { value: order }, ORDERS[order]));
    }
    this.search.addEventListener('input', onChange);
    this.#wrong.addEventListener('change', onChange);
    this.#order.addEventListener('change', onChange);
    for (const head of this.#heads) {
      head.querySelector('button')?.addEventListener('click', () => {
        const order = head.dataset['order'] ?? '';
        if (isOrder(order)) this.#setOrder(order);
      });
    }
  }

  get query(): Query {
    const order = this.#order.value;
    return {
      search: this.search.value,
      onlyWrong: this.#wrong.checked,
      order: isOrder(order) ? order : 'worst',
    };
  }

  set query({ search, onlyWrong, order }: Query) {
    this.search.value = search;
    this.#wrong.checked = onlyWrong;
    this.#order.value = order;
  }

  toggleWrong(): void {
    this.#wrong.checked = !this.#wrong.checked;
    this.#onChange();
  }

  /** @returns the order that is next in the list */
  nextOrder(): string {
    const at = ORDER_NAMES.indexOf(this.query.order);
    const next = ORDER_NAMES[(at + 1) % ORDER_NAMES.length] ?? 'worst';
    this.#setOrder(next);
    return ORDERS[next];
  }

  clearSearch(): void {
    this.search.value = '';
    this.#onChange();
  }

  #setOrder(order: Order): void {
    this.#order.value = order;
    this.#onChange();
  }

  update(found: number, all: number): void {
    setText(
      this.#count,
      found === all ? plural(all, 'service') : `${countText(found)} of ${plural(all, 'service')}`,
    );
    const { order } = this.query;
    for (const head of this.#heads) {
      const sorted = head.dataset['order'] === order;
      const way = order === 'name' || order === 'worst' ? 'ascending' : 'descending';
      setAttribute(head, 'aria-sort', sorted ? way : 'none');
    }
  }
}
