import type { Row, RowKind } from '../model/rows.js';
import type { Store } from '../model/store.js';
import { element } from './dom.js';

/** What rows are drawn with, beside themselves. */
export interface RowContext {
  readonly store: Store;
  /** Milliseconds since 1970 by the agent's clock. */
  readonly now: number;
  readonly isOpen: (service: string) => boolean;
}

/** A line of the list that can be seen. It is made once, and shows one row after the other as the list is scrolled. */
export interface RowView {
  readonly kind: RowKind;
  readonly element: HTMLElement;
  update(row: Row, context: RowContext): void;
}

export function rowElement(kind: RowKind, level: '1' | '2', ...cells: HTMLElement[]): HTMLElement {
  return element(
    'div',
    { class: `row row-${kind}`, role: 'row', 'aria-level': level, tabindex: '-1' },
    ...cells,
  );
}

export function cell(name: string, ...children: (Node | string)[]): HTMLElement {
  return element('div', { class: `cell cell-${name}`, role: 'gridcell' }, ...children);
}
